import { createHash } from 'node:crypto';

/**
 * SHA-256 of texts and bytes, one after another, in lower-case hexadecimal.
 *
 * @example sha256('abc') // 'ba7816bf…'
 */
export function sha256(...parts: readonly (string | NodeJS.ArrayBufferView)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
