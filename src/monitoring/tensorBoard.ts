/**
 * Event files for TensorBoard, written without TensorFlow: any engine can log, and nothing but this file is needed.
 *
 * An event file is a row of records, each `length (uint64) · checksum of the length · data · checksum of the data`; the data
 * are `Event` messages of protocol buffers. We write scalars and one histogram.
 *
 * Reference: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto and tensorflow/core/lib/io/record_writer.cc.
 *
 * @module
 */
import { platform } from '#platform';
import type { History, HistoryRow } from '../model/history';
import { requireText } from '../numbers/arguments';
import { bytesOf, concatBytes, utf8 } from '../numbers/bytes';
import type { Progress } from '../training/train';

/**
 * Logs a training for TensorBoard while it runs: what {@link train} takes as `onProgress`. Each recorded row becomes a point
 * of each curve, the units' mean activations a histogram. Look at it with `tensorboard --logdir <folder's parent>`.
 *
 * @param folder The run's own folder; it is made if there is none, and TensorBoard calls the run by its name.
 * @throws Error from the file system.
 *
 * @example await train(model, data, { penalty: l1(1e-3), epochs: 5, onProgress: tensorBoard('runs/l1-1e-3') });
 */
export function tensorBoard(folder: string): (progress: Pick<Progress, 'history'>) => void {
  platform.files.makeFolder(requireText('folder', folder));
  const seconds = Date.now() / 1000;
  // TensorBoard takes for events what has `tfevents` in its name; time, host and process keep runs apart.
  const name = `events.out.tfevents.${Math.floor(seconds)}.${platform.process.host}.${platform.process.id}.${opened++}`;
  const path = platform.files.join(folder, name);
  platform.files.append(path, record(event(seconds, 0, [text(3, 'brain.Event:2')])), { create: true });
  let written = 0;
  return ({ history }) => {
    const rows = history.rows.slice(written);
    written = history.rows.length;
    const now = Date.now() / 1000;
    for (const row of rows)
      platform.files.append(path, record(event(now, row.step, [message(5, summary(row, history))])));
  };
}

/** Files that this process has made: two loggers opened in one second must not share one. */
let opened = 0;

/** A row as TensorBoard shows it: loss by term, as each enters the total, and the measurements of the code. */
function summary(row: HistoryRow, history: History): Uint8Array {
  const { strength = history.strength, auxiliary } = row;
  const scalars: Record<string, number> = {
    'loss/total': row.total,
    'loss/reconstruction': row.reconstruction,
    'loss/strength x penalty': strength * row.penalty,
    'loss/weight decay': row.total - row.reconstruction - strength * row.penalty - (auxiliary ?? 0),
    ...(auxiliary !== undefined && { 'loss/auxiliary': auxiliary }),
    ...(row.strength !== undefined && { strength }),
    'code/L0': row.l0,
    'code/dead fraction': row.deadFraction,
    'reconstruction/mse': row.mse,
    'reconstruction/variance unexplained': row.fractionOfVarianceUnexplained,
  };
  return concatBytes([
    ...Object.entries(scalars).map(([tag, value]) => message(1, [text(1, tag), float(2, value)])),
    message(1, [text(1, 'code/mean activation of the units'), message(5, histogram(row.meanActivation))]),
  ]);
}

const BUCKETS = 30;

/** A HistogramProto: extent, sums, and counts in buckets of equal width. */
function histogram(values: Float32Array): Uint8Array[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = (high - low || 1) / BUCKETS;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of values) {
    const bucket = Math.min(BUCKETS - 1, Math.floor((value - low) / width));
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  const limits = counts.map((_, bucket) => low + (bucket + 1) * width);
  return [
    ...[low, high, values.length, sum, squares].map((value, index) => double(index + 1, value)),
    message(6, limits.map(float64)),
    message(7, counts.map(float64)),
  ];
}

// Protocol buffers: a field is its number and its wire type, then its value.

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH_FIRST = 2;
const FOUR_BYTES = 5;

/** An Event: when, at which step, and what. Step 0 is the default, which is never written. */
const event = (seconds: number, step: number, content: readonly Uint8Array[]): Uint8Array =>
  concatBytes([double(1, seconds), ...(step > 0 ? [key(2, VARINT), varint(step)] : []), ...content]);

const text = (field: number, value: string): Uint8Array => message(field, utf8(value));
const double = (field: number, value: number): Uint8Array =>
  concatBytes([key(field, EIGHT_BYTES), float64(value)]);

const float = (field: number, value: number): Uint8Array =>
  concatBytes([key(field, FOUR_BYTES), bytesOf(4, (view) => view.setFloat32(0, value, true))]);

function message(field: number, content: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes = content instanceof Uint8Array ? content : concatBytes(content);
  return concatBytes([key(field, LENGTH_FIRST), varint(bytes.length), bytes]);
}

const key = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

/** Seven bits a byte, the lowest first; the eighth bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.from([...bytes, rest]);
}

const float64 = (value: number): Uint8Array => bytesOf(8, (view) => view.setFloat64(0, value, true));

/** A record of the file. */
function record(data: Uint8Array): Uint8Array {
  const length = bytesOf(8, (view) => view.setBigUint64(0, BigInt(data.length), true));
  return concatBytes([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

/** TensorFlow's checksum: CRC-32C, turned by 15 bits and shifted, so that a checksum of checksums is not one itself. */
function maskedChecksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return bytesOf(4, (view) => view.setUint32(0, masked, true));
}

/** CRC-32C (Castagnoli), a bit at a time: a record is a kilobyte. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
