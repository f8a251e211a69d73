/**
 * Attributes of a graph's nodes, encoded as TensorFlow's AttrValue (attr_value.proto, tensor.proto).
 *
 * @module
 */
import { concatBytes } from '../../numbers/bytes';
import { AttributeKind, DataType, type Elements, type NativeAttribute } from './binding';
import {
  boolField,
  bytesField,
  type Encoded,
  floatField,
  integerField,
  messageField,
  textField,
} from './protobuf';

/** Values of equal numbers may be given as one: an array of a single element stands for a tensor full of it. */
export interface ConstantValue {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: Elements;
}

/** Encoders of attribute values by kind. */
export const attribute = {
  string: (value: string): Encoded => textField(2, value),
  int: (value: number): Encoded => integerField(3, value),
  float: (value: number): Encoded => floatField(4, value),
  bool: (value: boolean): Encoded => boolField(5, value),
  type: (value: number): Encoded => integerField(6, value),
  /** A shape; −1 stands for a size that is not known yet. */
  shape: (value: readonly number[]): Encoded => messageField(7, ...dimensions(value)),
  tensor: ({ dtype, shape, values }: ConstantValue): Encoded =>
    messageField(8, integerField(1, dtype), messageField(2, ...dimensions(shape)), elements(dtype, values)),
  ints: (values: readonly number[]): Encoded =>
    messageField(1, ...values.map((value) => integerField(3, value))),
  types: (values: readonly number[]): Encoded =>
    messageField(1, ...values.map((value) => integerField(6, value))),
};

/**
 * Encodes an attribute as tfjs-node's kernels write it.
 *
 * @returns `undefined` for a kind that no kernel of tfjs-node 4.22 uses.
 */
export function encodeNative({ type, value }: NativeAttribute): Encoded | undefined {
  if (Array.isArray(value) && type !== AttributeKind.shape) {
    if (type === AttributeKind.int) return attribute.ints(value);
    if (type === AttributeKind.type) return attribute.types(value);
    return undefined;
  }
  switch (type) {
    case AttributeKind.string:
      return attribute.string(value as string);
    case AttributeKind.int:
      return attribute.int(value as number);
    case AttributeKind.float:
      return attribute.float(value as number);
    case AttributeKind.bool:
      return attribute.bool(Boolean(value));
    case AttributeKind.type:
      return attribute.type(value as number);
    case AttributeKind.shape:
      return attribute.shape(value as number[]);
    default:
      return undefined;
  }
}

const dimensions = (shape: readonly number[]) => shape.map((size) => messageField(2, integerField(1, size)));

/** The numbers of a TensorProto: one that is repeated, or all of them as they lie in memory. */
function elements(dtype: number, values: Elements): Encoded {
  const only = values[0];
  if (values.length !== 1 || only === undefined) {
    return bytesField(4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  switch (dtype) {
    case DataType.float:
      return floatField(5, only);
    case DataType.bool:
      return integerField(11, only);
    default:
      return integerField(7, only);
  }
}

/** Named attributes in one order, whatever order they were written in. */
export function encodeAttributes(attributes: Readonly<Record<string, Encoded>>): Encoded {
  const names = Object.keys(attributes).sort();
  return concatBytes(
    names.map((name) => messageField(5, textField(1, name), bytesField(2, attributes[name] as Encoded))),
  );
}
