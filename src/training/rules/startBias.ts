import { knownRule, type StepRule } from '../../model/stepRule';
import { requireOneOf } from '../../numbers/arguments';
import type { Matrix } from '../../numbers/values';

const CENTRES = { mean, geometricMedian } as const;

/**
 * Starts the decoder's bias, the reconstruction of an empty code, in the middle of the examples: no units are then spent on the
 * common part of all examples. With the model's option `subtractDecoderBias` it is what is subtracted before encoding.
 *
 * `mean` minimises Σ‖x − b‖², `geometricMedian` Σ‖x − b‖, which outliers move less (Weiszfeld, 1937; at most 100 iterations,
 * or until it moves by less than 1e-5 of itself). Both of at most 4096 examples.
 *
 * Bricken et al., "Towards monosemanticity", 2023.
 *
 * @param at Default: `geometricMedian`.
 * @throws TypeError if there is no such centre.
 *
 * @example
 * startBias().settings // → { at: 'geometricMedian' }
 * await train(model, digits, { penalty: l1(1e-3), epochs: 20, rules: [startBias()] });
 */
export function startBias(at: keyof typeof CENTRES = 'geometricMedian'): StepRule {
  requireOneOf('at', at, Object.keys(CENTRES));
  return knownRule({
    name: 'startBias',
    settings: { at },
    requireFit: ({ outputActivation }) => {
      if (outputActivation === 'linear') return;
      throw new RangeError(`startBias needs outputActivation 'linear'; got '${outputActivation}'`);
    },
    begin: (parameters, { sample }) => ({
      ...parameters,
      decoderBias: { values: Float32Array.from(CENTRES[at](sample)), shape: [sample.shape[1]] },
    }),
  });
}

function mean({ values, shape: [rows, width] }: Matrix, weights?: Float64Array): Float64Array {
  const sum = new Float64Array(width);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights?.[row] ?? 1;
    total += weight;
    for (let i = 0; i < width; i++)
      sum[i] = (sum[i] as number) + weight * (values[row * width + i] as number);
  }
  return sum.map((value) => value / total);
}

function geometricMedian(sample: Matrix): Float64Array {
  const { values, shape } = sample;
  const [rows, width] = shape;
  let centre = mean(sample);
  for (let iteration = 0; iteration < 100; iteration++) {
    const weights = Float64Array.from({ length: rows }, (_, row) => 1 / Math.max(distance(row), 1e-12));
    const next = mean(sample, weights);
    const moved = Math.hypot(...next.map((value, i) => value - (centre[i] as number)));
    centre = next;
    if (moved <= 1e-5 * Math.max(1e-12, Math.hypot(...next))) break;
  }
  return centre;

  function distance(row: number): number {
    let squares = 0;
    for (let i = 0; i < width; i++)
      squares += ((values[row * width + i] as number) - (centre[i] as number)) ** 2;
    return Math.sqrt(squares);
  }
}
