/**
 * The connection file: where a front end expects the kernel's five sockets, and the key that signs messages.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../core/protocol/message';

/** Content of a Jupyter connection file. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly shellPort: number;
  readonly controlPort: number;
  readonly stdinPort: number;
  readonly iopubPort: number;
  readonly heartbeatPort: number;
  /** The secret that messages are signed with; empty where they are not signed. */
  readonly key: string;
  /** For example `hmac-sha256`. */
  readonly signatureScheme: string;
}

/**
 * Reads a connection file.
 *
 * @throws Error if the file cannot be read or a port is missing; the message names the file and the field
 */
export function readConnection(path: string): Connection {
  const fields = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const port = (name: string): number => {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
      throw new Error(`${path}: ${name} must be a port, 0 to 65535; got ${JSON.stringify(value)}`);
    }
    return value;
  };
  const text = (name: string, fallback: string): string => {
    const value = fields[name] ?? fallback;
    if (typeof value !== 'string') {
      throw new Error(`${path}: ${name} must be a string; got ${JSON.stringify(value)}`);
    }
    return value;
  };
  return {
    transport: text('transport', 'tcp'),
    ip: text('ip', '127.0.0.1'),
    shellPort: port('shell_port'),
    controlPort: port('control_port'),
    stdinPort: port('stdin_port'),
    iopubPort: port('iopub_port'),
    heartbeatPort: port('hb_port'),
    key: text('key', ''),
    signatureScheme: text('signature_scheme', 'hmac-sha256'),
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
