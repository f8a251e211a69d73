/**
 * What the kernel says of itself.
 *
 * @module
 */

import type { Connection } from '../../node/wire/connection';
import { type JsonObject, PROTOCOL_VERSION } from '../../node/wire/message';

/**
 * The content of a `kernel_info_reply`.
 *
 * @param version of this project
 * @param typescript version of the compiler
 */
export function kernelInfo(version: string, typescript: string): JsonObject {
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'sparselab',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      // JupyterLab reads the mode, the classic notebook reads name and typescript.
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `Sparselab ${version}: TypeScript ${typescript} on Node ${process.versions.node}`,
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/' },
      { text: 'TensorFlow.js', url: 'https://js.tensorflow.org/api/latest/' },
    ],
    debugger: false,
    supported_features: [],
  };
}

/** The content of a `connect_reply`: the ports of the sockets. */
export function connectInfo(connection: Connection): JsonObject {
  const { shellPort, iopubPort, stdinPort, controlPort, heartbeatPort } = connection;
  return {
    status: 'ok',
    shell_port: shellPort,
    iopub_port: iopubPort,
    stdin_port: stdinPort,
    control_port: controlPort,
    hb_port: heartbeatPort,
  };
}
