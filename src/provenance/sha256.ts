import { platform } from '#platform';

/**
 * SHA-256 of strings and bytes, one after another, in lower-case hexadecimal.
 *
 * @example sha256('abc') // 'ba7816bf…'
 */
export const sha256 = (...parts: readonly (string | ArrayBufferView)[]): string => platform.sha256(...parts);
