/**
 * Writes protocol buffers, the format of TensorFlow's graphs: a message is a sequence of fields, each a key (field
 * number and wire type) and a value.
 *
 * https://protobuf.dev/programming-guides/encoding/
 *
 * @module
 */
import { concatBytes } from '../../numbers/bytes';

/** An encoded field or message; messages are concatenations of fields. */
export type Encoded = Uint8Array;

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** A whole number or an enum's value. Negative numbers are 64-bit two's complement. */
export function integerField(field: number, value: number): Encoded {
  return Uint8Array.of(...key(field, WIRE_VARINT), ...varint(value));
}

/** A truth value. */
export function boolField(field: number, value: boolean): Encoded {
  return integerField(field, value ? 1 : 0);
}

/** A 32-bit floating-point number. */
export function floatField(field: number, value: number): Encoded {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value, true);
  return concatBytes([Uint8Array.from(key(field, WIRE_FIXED32)), new Uint8Array(bytes.buffer)]);
}

/** A nested message, given by its fields. */
export function messageField(field: number, ...fields: readonly Encoded[]): Encoded {
  return bytesField(field, concatBytes(fields));
}

/** Text, as UTF-8. */
export function textField(field: number, text: string): Encoded {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Bytes as they are. */
export function bytesField(field: number, bytes: Uint8Array): Encoded {
  return concatBytes([Uint8Array.of(...key(field, WIRE_BYTES), ...varint(bytes.length)), bytes]);
}

const key = (field: number, wireType: number) => varint((field << 3) | wireType);

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  // Large and negative numbers need 64 bits, which are slow; most are small.
  let rest: number | bigint = value >= 0 && value < 2 ** 31 ? value : BigInt.asUintN(64, BigInt(value));
  for (; typeof rest === 'bigint' && rest > 0x7fffffffn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  let small = Number(rest);
  for (; small > 0x7f; small >>>= 7) bytes.push((small & 0x7f) | 0x80);
  bytes.push(small);
  return bytes;
}
