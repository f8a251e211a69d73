/**
 * The meaning of settings: the data, the model and the training, as calls of the library.
 *
 * @module
 */
import type * as sparselab from '../index';
import { Call, Code, type Expression } from './expression';
import type { Settings } from './settings';

type Library = typeof sparselab;
type Tensor2D = sparselab.tf.Tensor2D;

/** A training of the playground, to be carried out or printed. */
export interface Recipe {
  /** The data set; `undefined` for own pictures. */
  readonly data: Expression;
  /** The factor of the data's scale. */
  readonly scale: number;
  /** The options of `SparseAutoencoder` besides `inputDim`. */
  readonly model: Readonly<Record<string, Expression>>;
  /** The penalty with a strength; `undefined` if there is none. */
  readonly penalty: ((strength: number) => Expression) | undefined;
  /** The options of `train` besides penalty, learning rate and epochs. */
  readonly training: Readonly<Record<string, Expression>>;
}

/** The recipe that settings stand for. */
export function recipeOf(settings: Settings): Recipe {
  const { data, scale, units, output, mean, revive, target, batch, rest, seed } = settings;
  const rules = [
    ...(mean === 'subtracted' ? [new Call('startBias')] : []),
    ...(revive === 'none' ? [] : [new Call(revive)]),
    ...(target > 0 ? [new Call('seekL0', target)] : []),
  ];
  return {
    data: data === 'own' ? undefined : dataSets[data],
    scale: { one: 1, bytes: 255, twice: 1 / 255 }[scale],
    model: {
      hiddenDim: units,
      hiddenActivation: activationOf(settings),
      outputActivation: output === 'linear' ? undefined : output,
      subtractDecoderBias: mean === 'subtracted' ? true : undefined,
      seed,
    },
    penalty: penaltyOf(settings),
    training: {
      batchSize: batch,
      rest: rest === 'spread' ? undefined : rest,
      seed,
      rules: rules.length > 0 ? rules : undefined,
    },
  };
}

/** Földiák's bars: eight rows and eight columns of a picture of 8 × 8. */
const bars = new Code(
  'Array.from({ length: 16 }, (_, bar) =>\n    Array.from({ length: 64 }, (_, i) => ((bar < 8 ? Math.floor(i / 8) : 8 + (i % 8)) === bar ? 1 : 0)))',
  [],
  () =>
    Array.from({ length: 16 }, (_, bar) =>
      Array.from({ length: 64 }, (_, i) => ((bar < 8 ? Math.floor(i / 8) : 8 + (i % 8)) === bar ? 1 : 0)),
    ),
);

const dataSets = {
  patches: new Call('loadNaturalPatches', { count: 5000, size: 8, seed: 1 }),
  digits: new Call('loadDigits'),
  bars: new Call('syntheticFeatures', { count: 4000, dictionary: bars, activeProbability: 0.125, seed: 1 }),
  mnist: new Code('loadMnist().training.take(10_000)', ['loadMnist'], ({ loadMnist }) =>
    (loadMnist as Library['loadMnist'])().training.take(10_000),
  ),
};

/** The hidden units' activation; `undefined` for relu, the default. */
function activationOf({ method, k, rho, bandwidth }: Settings): Expression {
  switch (method) {
    case 'kl':
      return 'sigmoid';
    case 'topK':
    case 'batchTopK':
      return new Call(method, k);
    case 'winnerTakeAll':
      return new Call('winnerTakeAll', rho);
    case 'jumpRelu':
      return new Call('jumpRelu', { bandwidth });
    case 'gated':
      return new Call('gated');
    default:
      return undefined;
  }
}

function penaltyOf({ method, rho, bandwidth }: Settings): Recipe['penalty'] {
  switch (method) {
    case 'l1':
    case 'gated':
      return (lambda) => new Call('l1', lambda);
    case 'decoderL1':
      return (lambda) => new Call('decoderL1', lambda);
    case 'lp':
      return (lambda) => new Call('lp', { lambda, p: 0.5 });
    case 'kl':
      return (beta) => new Call('kl', { beta, rho });
    case 'jumpRelu':
      return (lambda) => new Call('l0Window', { lambda, bandwidth });
    case 'wrongAxis':
      return overTheWrongAxis;
    default:
      return undefined;
  }
}

/** The library's own term, given the code with units and examples swapped: summed over the batch, averaged over the units. */
const overTheWrongAxis = (lambda: number) =>
  new Code(
    `{ name: 'L1', strength: ${lambda}, term: (h: tf.Tensor2D) => l1(${lambda}).term(tf.transpose(h)) }`,
    ['l1', 'tf'],
    (names) => {
      const { l1, tf } = names as Pick<Library, 'l1' | 'tf'>;
      return { name: 'L1', strength: lambda, term: (h: Tensor2D) => l1(lambda).term(tf.transpose(h)) };
    },
  );
