import { show } from '../numbers/arguments';

/** An array of bytes in the IDX format, MNIST's. */
export interface IdxArray {
  /** Its extent along each axis, outermost first: `[60000, 28, 28]` for MNIST's training images. */
  readonly shape: readonly number[];
  /** Its bytes, row-major: a view of the file's. */
  readonly values: Uint8Array;
}

/** The format's number for elements of one unsigned byte. */
const unsignedByte = 0x08;

/**
 * Reads an array of bytes in the IDX format: two zero bytes, the element type, the number of axes, each axis'
 * extent as a big-endian uint32, then the elements.
 *
 * Reference: "The MNIST database of handwritten digits", section "The IDX file format".
 *
 * @param name - what errors call the file
 * @throws Error if the header is not IDX's, the elements are not unsigned bytes, or the length is another than
 *   the extents say
 * @example
 * Array.from(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9)).values) // → [7, 8, 9]
 */
export function parseIdx(bytes: Uint8Array, name = 'the IDX file'): IdxArray {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`bytes must be a Uint8Array; got ${show(bytes)}`);
  const [first, second, type, axes = 0] = bytes;
  if (bytes.length < 4 || first !== 0 || second !== 0) {
    const start = [...bytes.subarray(0, 4)].join(' ');
    throw new Error(
      `${name} must start with two zero bytes, a type and a number of axes; got ${start || 'nothing'}`,
    );
  }
  if (type !== unsignedByte) {
    throw new Error(`${name} must hold unsigned bytes (type 8); got type ${type}`);
  }
  if (axes === 0) throw new Error(`${name} must have at least one axis; got 0`);
  const headerLength = 4 + 4 * axes;
  if (bytes.length < headerLength) {
    throw new Error(
      `${name} must have a header of ${headerLength} bytes for ${axes} axes; got ${bytes.length}`,
    );
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const shape = Array.from({ length: axes }, (_, axis) => header.getUint32(4 + 4 * axis));
  const expected = shape.reduce((product, extent) => product * extent, 1);
  const values = bytes.subarray(headerLength);
  if (values.length !== expected) {
    throw new Error(
      `${name} must hold ${shape.join(' × ')} = ${expected} bytes after its header; got ${values.length}`,
    );
  }
  return { shape, values };
}
