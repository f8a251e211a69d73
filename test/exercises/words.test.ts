import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, todo, type Verdict } from 'sparselab';

function hints(verdict: Verdict, message: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, message);
}

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const size = (a: number[]) => Math.hypot(...a);
const cosine = (a: number[], b: number[]) => dot(a, b) / size(a) / size(b);

describe('check.cosine', () => {
  it('accepts the cosine', () => assert.ok(check.cosine(cosine).passed));

  it('names the mistake', () => {
    hints(check.cosine(dot), /You return a · b/);
    hints(
      check.cosine((a, b) => dot(a, b) / (dot(a, a) * dot(b, b))),
      /\*squares\* of the lengths/,
    );
    for (const one of [0, 1])
      hints(
        check.cosine((...both) => dot(...both) / size(both[one] as number[])),
        /one of the lengths only/,
      );
    hints(
      check.cosine((a, b) => dot(a, b) / (size(a) + size(b))),
      /\*sum\* of the lengths/,
    );
    hints(
      check.cosine((a, b) => size(a.map((value, i) => value - (b[i] as number)))),
      /You return a distance/,
    );
    hints(
      check.cosine((a, b) => (dot(a, b) / size(a)) * size(b)),
      /then \*multiply\* by ‖b‖/,
    );
    hints(
      check.cosine((a, b) => dot(a, b) / (a.length * b.length)),
      /`a\.length` is how many numbers/,
    );
    hints(
      check.cosine((a, b) => 1 - cosine(a, b)),
      /1 minus the cosine/,
    );
    hints(
      check.cosine((a, b) => Math.abs(cosine(a, b))),
      /The sign is lost/,
    );
    hints(
      check.cosine((a, b) => Math.acos(cosine(a, b))),
      /You return the angle/,
    );
  });
});

describe('check.similarityParts', () => {
  type Answer = Parameters<typeof check.similarityParts>[0];
  type Part = (x: number[], d: number[], h: number, xHat: number[]) => number;
  const reconstructed = (h: number[], decoder: number[][], bias: number[]) =>
    bias.map(
      (b, i) =>
        b +
        dot(
          h,
          decoder.map((row) => row[i] as number),
        ),
    );
  const parts =
    (part: Part): Answer =>
    (x, h, decoder, bias) =>
      h.map((activation, unit) =>
        part(x, decoder[unit] as number[], activation, reconstructed(h, decoder, bias)),
      );
  const right = parts((x, d, h, xHat) => (h * dot(d, x)) / size(xHat) / size(x));

  it('accepts parts that add up', () => assert.ok(check.similarityParts(right).passed));

  it('names the mistake', () => {
    hints(
      check.similarityParts(parts((x, d, _, xHat) => dot(d, x) / size(xHat) / size(x))),
      /The activations are missing/,
    );
    hints(check.similarityParts(parts((x, d, h) => h * dot(d, x))), /You divide by nothing/);
    hints(check.similarityParts(parts((x, d, h) => (h * dot(d, x)) / size(x))), /by the length of x only/);
    hints(
      check.similarityParts(parts((x, d, h, xHat) => (h * dot(d, x)) / size(xHat))),
      /by the length of x̂ only/,
    );
    hints(
      check.similarityParts(parts((x, d, h) => (h === 0 ? 0 : cosine(d, x)))),
      /the cosine of each part alone/,
    );
    hints(
      // A silent unit's part has no direction: 0 / 0.
      check.similarityParts(
        parts(
          (x, d, h) =>
            dot(
              d.map((value) => h * value),
              x,
            ) /
            size(d.map((value) => h * value)) /
            size(x),
        ),
      ),
      /the cosine of each part alone/,
    );
    hints(
      check.similarityParts((x, h, decoder, bias) =>
        right(
          x,
          h,
          decoder,
          bias.map(() => 0),
        ),
      ),
      /The bias is missing/,
    );
    hints(
      check.similarityParts(parts((x, d, h, xHat) => (h * dot(d, xHat)) / size(xHat) / size(x))),
      /You compare the parts with x̂/,
    );
    hints(
      check.similarityParts((x, h, decoder) => {
        const all = h.map((activation, unit) => activation * dot(decoder[unit] as number[], x));
        return all.map((part) => part / all.reduce((sum, other) => sum + other, 0));
      }),
      /Your parts add up to 1/,
    );
    hints(check.similarityParts(parts((x, _, __, xHat) => cosine(x, xHat))), /the similarity of the whole x̂/);
  });
});

describe('check.turned', () => {
  type Answer = Parameters<typeof check.turned>[0];
  const plus =
    (times: (h: number, factor: number) => number): Answer =>
    (x, h, d, factor) =>
      x.map((value, i) => value + times(h, factor) * (d[i] as number));

  it('accepts x + (factor − 1) h d', () =>
    assert.ok(check.turned(plus((h, factor) => (factor - 1) * h)).passed));

  it('names the mistake', () => {
    hints(check.turned(plus((h, factor) => factor * h)), /with factor 1 nothing may change/);
    hints(check.turned(plus((_, factor) => factor - 1)), /The activation is missing/);
    hints(check.turned(plus((h, factor) => (1 - factor) * h)), /The sign is swapped/);
    hints(check.turned(plus((h) => -h)), /the factor is missing/);
    hints(
      check.turned((x, _, __, factor) => x.map((value) => factor * value)),
      /You multiply all of x/,
    );
    hints(
      check.turned((_, h, d, factor) => d.map((value) => (factor - 1) * h * value)),
      /only what changes/,
    );
    hints(
      check.turned((_, h, d, factor) => d.map((value) => factor * h * value)),
      /the rest of x is missing/,
    );
    hints(
      check.turned((x) => x),
      /You return x unchanged/,
    );
  });
});

describe('check.intruder', () => {
  const closeness = (vectors: number[][], alike = cosine) =>
    vectors.map((one, at) =>
      vectors.reduce((sum, other, i) => (i === at ? sum : sum + alike(one, other)), 0),
    );
  const least = (values: number[]) => values.indexOf(Math.min(...values));

  it('accepts the vector with the smallest sum of cosines, its own counted or not', () => {
    assert.ok(check.intruder((vectors) => least(closeness(vectors))).passed);
    assert.ok(
      check.intruder((vectors) =>
        least(vectors.map((one) => vectors.reduce((sum, other) => sum + cosine(one, other), 0))),
      ).passed,
    );
  });

  it('names the mistake', () => {
    const others = (vectors: number[][], at: number) =>
      vectors.filter((_, i) => i !== at).map((other) => cosine(vectors[at] as number[], other));
    hints(
      check.intruder((vectors) => least(closeness(vectors, (a, b) => Math.abs(cosine(a, b))))),
      /Opposite directions count as alike/,
    );
    hints(
      check.intruder((vectors) => least(vectors.map((_, at) => Math.max(...others(vectors, at))))),
      /only at the nearest neighbour/,
    );
    hints(
      check.intruder((vectors) => closeness(vectors).indexOf(Math.max(...closeness(vectors)))),
      /belongs \*most\*/,
    );
    hints(
      check.intruder((vectors) => 1 + least(closeness(vectors))),
      /You count places from 1/,
    );
    hints(
      check.intruder((vectors) => Math.min(...closeness(vectors))),
      /You return the sum/,
    );
    hints(
      check.intruder((vectors) => least(closeness(vectors, dot))),
      /You add up products/,
    );
    hints(
      check.intruder((vectors) => least(vectors.map(size))),
      /You return the shortest vector/,
    );
    hints(
      check.intruder((vectors) => least(vectors.map((one) => cosine(one, vectors[0] as number[])))),
      /with the first one only/,
    );
  });
});

describe('check.judge', () => {
  const judges = [
    { sees: 'everything', trained: 0.99, untrained: 0.95 },
    { sees: 'the other half', trained: 0.85, untrained: 0.5 },
    { sees: 'nothing', trained: 0.17, untrained: 0.16 },
  ];

  it('accepts the judge that tells trained from untrained units', () =>
    assert.ok(check.judge('the other half', judges).passed));

  it('names the mistake', () => {
    hints(check.judge('everything', judges), /nearly the same to a model that has learned nothing/);
    hints(check.judge('nothing', judges), /puts trained units further above/);
    hints(check.judge('the moon', judges), /one of the judges: 'everything', .*; got 'the moon'/);
    hints(check.judge(7 as never, judges), /got 7/);
    hints(check.judge(7n as never, judges), /got 7/);
    const endless: unknown[] = [];
    endless.push(endless);
    hints(check.judge(endless as never, judges), /got \[\[/);
  });
});

describe('every check of lesson 10', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.cosine((): number => todo()),
      check.similarityParts((): number[] => todo()),
      check.turned((): number[] => todo()),
      check.intruder((): number => todo()),
      check.judge(undefined, []),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
