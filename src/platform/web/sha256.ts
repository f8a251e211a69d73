import { sha256 as hash } from '@noble/hashes/sha2.js';

/** SHA-256 of strings (UTF-8) and bytes, one after another, in lower-case hexadecimal. */
export function sha256(...parts: readonly (string | ArrayBufferView)[]): string {
  const state = hash.create();
  for (const part of parts) {
    state.update(
      typeof part === 'string'
        ? new TextEncoder().encode(part)
        : new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    );
  }
  return hex(state.digest());
}

/** Bytes in lower-case hexadecimal. */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
