import type { Dataset } from '../datasets/dataset';
import { type ExampleStream, isExampleStream } from '../datasets/exampleStream';
import { toMatrix } from '../datasets/rows';
import type { Random } from '../numbers/random';
import type { Matrix } from '../numbers/values';

/** Examples, at most `count` and none twice, drawn at random; of a stream among those of its first epoch. */
export function drawExamples(examples: Dataset | ExampleStream, count: number, random: Random): Matrix {
  const rows = random.permutation(examples.count).subarray(0, count);
  if (!isExampleStream(examples)) return toMatrix('data', examples.select(rows));
  return { values: examples.gather(rows), shape: [rows.length, examples.dim] };
}
