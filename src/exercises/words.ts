/**
 * The exercises of the lesson on words: the similarity of two vectors, each unit's part of it, a word with one unit turned up
 * or out, the word that does not belong, a judge that may be believed.
 *
 * @module
 */
import { describe } from '../assignments/values';
import { type Exercise, verify } from '../assignments/verify';
import type { Random } from '../numbers/random';
import type { RowsOfNumbers } from '../verdicts/answers';
import { unanswered, Verdict } from '../verdicts/verdict';

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const length = (a: number[]) => Math.sqrt(dot(a, a));
const cosineOf = (a: number[], b: number[]) => dot(a, b) / (length(a) * length(b));
const drawn = (random: Random, count: number) => Array.from({ length: count }, () => random.normal());

const cosineExercise: Exercise<[a: number[], b: number[]], number> = {
  name: 'The similarity',
  asks: 'the cosine of the angle between the vectors, a · b / (‖a‖ ‖b‖)',
  definition: cosineOf,
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [3, 4],
        [4, 3],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        [1, 2, 2],
        [-2, 1, 2],
      ],
    },
    { kind: 'ordinary', args: [drawn(random, 6), drawn(random, 6)] },
    { kind: 'edge', args: [[0.1], [-7]] },
    {
      kind: 'edge',
      args: [
        [1, 0],
        [0, 5],
      ],
    },
  ],
  misconceptions: [
    { message: 'You return a · b: divide it by both lengths.', mistaken: dot },
    {
      message: 'You divide by the *squares* of the lengths: a root is missing.',
      mistaken: (a, b) => dot(a, b) / (dot(a, a) * dot(b, b)),
    },
    {
      message: 'You divide by one of the lengths only: divide by both.',
      mistaken: (a, b) => dot(a, b) / length(a),
    },
    {
      message: 'You divide by one of the lengths only: divide by both.',
      mistaken: (a, b) => dot(a, b) / length(b),
    },
    {
      message: 'You divide by the *sum* of the lengths: divide by their product.',
      mistaken: (a, b) => dot(a, b) / (length(a) + length(b)),
    },
    {
      message: 'You return a distance, which is small for similar vectors: the cosine is large for them.',
      mistaken: (a, b) => length(a.map((value, i) => value - (b[i] as number))),
    },
    {
      message: 'You divide by ‖a‖ and then *multiply* by ‖b‖: put the product of the lengths in brackets.',
      mistaken: (a, b) => (dot(a, b) / length(a)) * length(b),
    },
    {
      message:
        '`a.length` is how many numbers there are. The length of the vector is the root of the sum of their squares.',
      mistaken: (a, b) => dot(a, b) / (a.length * b.length),
    },
    { message: 'You return 1 minus the cosine, a distance.', mistaken: (a, b) => 1 - cosineOf(a, b) },
    {
      message: 'The sign is lost: opposite vectors have the cosine −1.',
      mistaken: (a, b) => Math.abs(cosineOf(a, b)),
    },
    { message: 'You return the angle: return its cosine.', mistaken: (a, b) => Math.acos(cosineOf(a, b)) },
  ],
};

/**
 * Checks the cosine of the angle between two vectors.
 *
 * @example check.cosine((a, b) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)).passed // → false; the lengths are missing
 */
export function cosine(answer: (a: number[], b: number[]) => number): Verdict {
  return verify(cosineExercise, answer);
}

type PartsArguments = [x: number[], h: number[], decoder: RowsOfNumbers, bias: number[]];

const summed = (h: number[], decoder: RowsOfNumbers, bias: number[]) =>
  bias.map(
    (own, i) =>
      own + h.reduce((sum, activation, unit) => sum + activation * (decoder[unit]?.[i] as number), 0),
  );

const partsBy =
  (part: (x: number[], direction: number[], activation: number, xHat: number[]) => number) =>
  (...[x, h, decoder, bias]: PartsArguments) => {
    const xHat = summed(h, decoder, bias);
    return h.map((activation, unit) => part(x, decoder[unit] as number[], activation, xHat));
  };

const similarityPartsExercise: Exercise<PartsArguments, number[]> = {
  name: 'The list of parts',
  asks: 'for each unit hⱼ (dⱼ · x) / (‖x̂‖ ‖x‖), where x̂ = b + Σⱼ hⱼ dⱼ',
  definition: partsBy((x, d, h, xHat) => (h * dot(d, x)) / (length(xHat) * length(x))),
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [3, 4],
        [2, 1],
        [
          [1, 0],
          [0, 1],
        ],
        [0, 1],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        drawn(random, 4),
        [0.5, 0, 2],
        Array.from({ length: 3 }, () => drawn(random, 4)),
        drawn(random, 4),
      ],
    },
    { kind: 'edge', args: [[2, 0], [3], [[-1, 1]], [5, 0]] },
  ],
  misconceptions: [
    {
      message: 'The activations are missing: a unit adds hⱼ dⱼ, not dⱼ.',
      mistaken: partsBy((x, d, _, xHat) => dot(d, x) / (length(xHat) * length(x))),
    },
    {
      message: 'You divide by nothing: divide by the lengths of x̂ and x.',
      mistaken: partsBy((x, d, h) => h * dot(d, x)),
    },
    {
      message: 'You divide by the length of x only: divide by that of x̂ as well.',
      mistaken: partsBy((x, d, h) => (h * dot(d, x)) / length(x)),
    },
    {
      message: 'You divide by the length of x̂ only: divide by that of x as well.',
      mistaken: partsBy((x, d, h, xHat) => (h * dot(d, x)) / length(xHat)),
    },
    {
      message:
        'You return the cosine of each part alone, divided by the length of the *part*: these do not add up. Divide by the length of x̂.',
      mistaken: partsBy((x, d, h) => (h * dot(d, x)) / (Math.abs(h) * length(d) * length(x) || 1)),
    },
    {
      message:
        'You return the cosine of each part alone, divided by the length of the *part*: these do not add up. Divide by the length of x̂.',
      mistaken: partsBy((x, d, h) => (h * dot(d, x)) / (Math.abs(h) * length(d) * length(x))),
    },
    {
      message: 'The bias is missing in your x̂: x̂ = b + Σⱼ hⱼ dⱼ.',
      mistaken: (x, h, decoder, bias) => {
        const xHat = summed(
          h,
          decoder,
          bias.map(() => 0),
        );
        return h.map(
          (activation, unit) => (activation * dot(decoder[unit] as number[], x)) / (length(xHat) * length(x)),
        );
      },
    },
    {
      message: 'You compare the parts with x̂: compare them with x.',
      mistaken: partsBy((x, d, h, xHat) => (h * dot(d, xHat)) / (length(xHat) * length(x))),
    },
    {
      message:
        'Your parts add up to 1: together with the part of the bias they should add up to cos(x̂, x). Divide by the two lengths.',
      mistaken: (x, h, decoder) => {
        const all = h.map((activation, unit) => activation * dot(decoder[unit] as number[], x));
        return all.map((part) => part / all.reduce((sum, other) => sum + other, 0));
      },
    },
    {
      message: 'You return the similarity of the whole x̂ for every unit: return what each unit adds.',
      mistaken: partsBy((x, _, __, xHat) => cosineOf(xHat, x)),
    },
  ],
};

/**
 * Checks what each unit adds to the similarity of x̂ and x.
 *
 * @example check.similarityParts((x, h) => h).passed // → false
 */
export function similarityParts(
  answer: (x: number[], h: number[], decoder: number[][], bias: number[]) => number[],
): Verdict {
  return verify(similarityPartsExercise, answer);
}

type TurnArguments = [x: number[], activation: number, direction: number[], factor: number];

const added =
  (times: (activation: number, factor: number) => number) =>
  (...[x, activation, direction, factor]: TurnArguments) =>
    x.map((value, i) => value + times(activation, factor) * (direction[i] as number));

const turnedExercise: Exercise<TurnArguments, number[]> = {
  name: 'The vector',
  asks: 'x with the part h · d multiplied by the factor, and everything else as it was',
  definition: added((h, factor) => (factor - 1) * h),
  inputs: (random) => [
    { kind: 'ordinary', args: [[1, 2], 0.5, [4, -2], 3] },
    { kind: 'ordinary', args: [drawn(random, 5), 0.7, drawn(random, 5), 0] },
    { kind: 'edge', args: [[1, 1], 2, [1, 3], 1] },
    { kind: 'edge', args: [[1], 0, [5], 4] },
  ],
  misconceptions: [
    {
      message: 'You add factor · h · d to a vector that already has h · d: with factor 1 nothing may change.',
      mistaken: added((h, factor) => factor * h),
    },
    {
      message: 'The activation is missing: the unit adds h · d, not d.',
      mistaken: added((_, factor) => factor - 1),
    },
    {
      message: 'The sign is swapped: factor 0 takes the unit out, factor 2 doubles it.',
      mistaken: added((h, factor) => (1 - factor) * h),
    },
    {
      message: 'You always take the unit out: the factor is missing.',
      mistaken: added((h) => -h),
    },
    {
      message: 'You multiply all of x: only what the unit adds is to change.',
      mistaken: (x, _, __, factor) => x.map((value) => factor * value),
    },
    {
      message: 'You return only what changes: add it to x.',
      mistaken: (x, h, d, factor) => x.map((_, i) => (factor - 1) * h * (d[i] as number)),
    },
    {
      message: 'You return only the part, multiplied: the rest of x is missing.',
      mistaken: (x, h, d, factor) => x.map((_, i) => factor * h * (d[i] as number)),
    },
    { message: 'You return x unchanged.', mistaken: (x) => x },
  ],
};

/**
 * Checks a vector in which one unit's part is multiplied by a factor.
 *
 * @example check.turned((x) => x).passed // → false
 */
export function turned(
  answer: (x: number[], activation: number, direction: number[], factor: number) => number[],
): Verdict {
  return verify(turnedExercise, answer);
}

const rankBy = (vectors: RowsOfNumbers, closeness: (own: number[], at: number) => number, most = false) => {
  const all = vectors.map(closeness);
  return all.indexOf((most ? Math.max : Math.min)(...all));
};
const sumOverOthers = (vectors: RowsOfNumbers, at: number, alike: (a: number[], b: number[]) => number) =>
  vectors.reduce(
    (sum, other, index) => (index === at ? sum : sum + alike(vectors[at] as number[], other)),
    0,
  );

const oddOneOutExercise: Exercise<[vectors: RowsOfNumbers], number> = {
  name: 'The place of the intruder',
  asks: 'the place, counted from 0, of the vector whose cosines to all others have the smallest sum',
  definition: (vectors) => rankBy(vectors, (_, at) => sumOverOthers(vectors, at, cosineOf)),
  inputs: () => [
    {
      kind: 'ordinary',
      // Place 3 points elsewhere; 0 is its only neighbour; 1 is long and 2 is short.
      args: [
        [
          [5, 1],
          [9, 6],
          [0.3, 0.2],
          [1, -4],
        ],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        [
          [2, 3, 1],
          [-1, 2, 8],
          [1, 2, 0],
          [0.1, 0.2, 0.03],
          [2, 3, 2],
        ],
      ],
    },
    {
      kind: 'ordinary',
      args: [
        [
          [1, 0.1],
          [1, 0],
          [30, -40],
          [1, 0.3],
        ],
      ],
    },
    {
      kind: 'ordinary',
      // 0 points against all others, of which 1 and 2 are a pair and 3 is nearer to them than to 0.
      args: [
        [
          [-3, -1],
          [2, 0],
          [1, 0.2],
          [0.5, 1],
        ],
      ],
    },
    {
      kind: 'ordinary',
      // 0 has a near neighbour, 3, and still belongs least.
      args: [
        [
          [-1, 3],
          [4, 0.4],
          [1, 0.1],
          [-0.1, 1],
          [3, -0.6],
        ],
      ],
    },
    {
      kind: 'edge',
      args: [
        [
          [0, 1],
          [1, 0],
          [2, 0],
        ],
      ],
    },
  ],
  misconceptions: [
    {
      message: 'Opposite directions count as alike in your answer: keep the sign of the cosine.',
      mistaken: (vectors) =>
        rankBy(vectors, (_, at) => sumOverOthers(vectors, at, (a, b) => Math.abs(cosineOf(a, b)))),
    },
    {
      message: 'You look only at the nearest neighbour of each: add up the cosines to all others.',
      mistaken: (vectors) =>
        rankBy(vectors, (own, at) =>
          Math.max(...vectors.filter((_, i) => i !== at).map((b) => cosineOf(own, b))),
        ),
    },
    {
      message: 'You return the vector that belongs *most*: the smallest sum is wanted.',
      mistaken: (vectors) => rankBy(vectors, (_, at) => sumOverOthers(vectors, at, cosineOf), true),
    },
    {
      message: 'You count places from 1: the first is number 0.',
      mistaken: (vectors) => 1 + rankBy(vectors, (_, at) => sumOverOthers(vectors, at, cosineOf)),
    },
    {
      message: 'You return the sum: return the place where it is smallest.',
      mistaken: (vectors) => Math.min(...vectors.map((_, at) => sumOverOthers(vectors, at, cosineOf))),
    },
    {
      message: 'You add up products a · b: long vectors count more there. Divide by the lengths.',
      mistaken: (vectors) => rankBy(vectors, (_, at) => sumOverOthers(vectors, at, dot)),
    },
    {
      message: 'You return the shortest vector: directions are compared, not lengths.',
      mistaken: (vectors) => rankBy(vectors, (own) => length(own)),
    },
    {
      message: 'You compare each vector with the first one only: compare it with all others.',
      mistaken: (vectors) => rankBy(vectors, (own) => cosineOf(own, vectors[0] as number[])),
    },
  ],
};

/**
 * Checks which of some vectors belongs least to the others.
 *
 * @example check.intruder((vectors) => vectors.length - 1).passed // → false
 */
export function intruder(answer: (vectors: number[][]) => number): Verdict {
  return verify(oddOneOutExercise, answer);
}

/** A judge of the intruder game, and the scores that it gives. */
export interface Judge {
  /** The numbers of the words that it sees. */
  readonly sees: string;
  /** Its score for trained units, 0 to 1. */
  readonly trained: number;
  /** Its score for a model that was never trained, 0 to 1. */
  readonly untrained: number;
}

/**
 * Checks that of several judges the one is chosen that tells trained units from untrained ones best, whatever its highest score.
 *
 * @example check.judge('all', [{ sees: 'all', trained: 0.98, untrained: 0.92 }, { sees: 'the other half', trained: 0.8, untrained: 0.4 }]).passed // → false
 */
export function judge(chosen: string | undefined, judges: readonly Judge[]): Verdict {
  if (chosen === undefined) return unanswered();
  const choice = judges.find(({ sees }) => sees === chosen);
  if (!choice) {
    const names = judges.map(({ sees }) => `'${sees}'`).join(', ');
    return new Verdict('wrong', `Choose one of the judges: ${names}; got ${describe(chosen)}.`);
  }
  const gap = ({ trained, untrained }: Judge) => trained - untrained;
  const best = judges.reduce((one, other) => (gap(other) > gap(one) ? other : one));
  if (gap(choice) === gap(best)) {
    return new Verdict(
      'right',
      'Its score falls most where nothing was learned: so it measures what was learned.',
    );
  }
  const highest = judges.reduce((one, other) => (other.trained > one.trained ? other : one));
  const hint =
    choice === highest
      ? 'It gives the highest score, and nearly the same to a model that has learned nothing. Compare each judge with its own control.'
      : 'Another judge puts trained units further above untrained ones.';
  return new Verdict('wrong', `Not '${chosen}'. ${hint}`);
}
