/**
 * Files that stand where data should be.
 *
 * @module
 */

/** Bytes that are looked at. */
const START_BYTES = 200;

/** Whether bytes are compressed by gzip. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Recognises by their first bytes files that people, or servers, put where data should be.
 *
 * @returns The end of a sentence about the file; `undefined` for all other bytes, data among them.
 * @example
 * fileKind(new TextEncoder().encode('<!DOCTYPE html>'))
 * // 'it is an HTML page, such as a server sends instead of a file that it does not have'
 */
export function fileKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'it is empty';
  if (isGzip(bytes)) return 'it is compressed by gzip: unpack it first';
  const first = bytes.subarray(0, START_BYTES);
  const start = new TextDecoder().decode(first).trimStart();
  if (/^<(!doctype|html|head|\?xml)/i.test(start)) {
    return 'it is an HTML page, such as a server sends instead of a file that it does not have';
  }
  // A pointer of Git's extension for large files stands where the file was never fetched.
  if (start.startsWith('version https://git-lfs')) return 'it is a pointer of Git LFS, not the file';
  if (start.startsWith('PK\x03\x04'))
    return 'it is a ZIP archive, as are .xlsx, .npz and files of torch.save';
  if (isUtf16(first)) return 'it is text in UTF-16: save it as UTF-8';
  return undefined;
}

/** Whether bytes begin as text in UTF-16 does: with its mark, or with characters of which each has a byte of zeros. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const pairs = bytes.length >> 1;
  const isText = (byte: number | undefined) =>
    byte !== undefined && (byte >= 32 || (byte >= 9 && byte <= 13));
  const all = (text: number) =>
    Array.from({ length: pairs }, (_, pair) => 2 * pair).every(
      (at) => isText(bytes[at + text]) && bytes[at + 1 - text] === 0,
    );
  return pairs > 0 && (all(0) || all(1));
}
