/**
 * The kernel's description of itself.
 *
 * @module
 */

import { type JsonObject, PROTOCOL_VERSION } from './message';

/**
 * The content of a `kernel_info_reply`.
 *
 * @param version of this project
 * @param typescript version of the compiler
 * @param system for example `Node 20.19.0`
 */
export function kernelInfo(version: string, typescript: string, system: string): JsonObject {
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
    banner: `Sparselab ${version}: TypeScript ${typescript} on ${system}`,
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/' },
      { text: 'TensorFlow.js', url: 'https://js.tensorflow.org/api/latest/' },
    ],
    debugger: false,
    supported_features: [],
  };
}
