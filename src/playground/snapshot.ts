/**
 * The picture of a model at one moment, in bytes that are drawn as they are.
 *
 * @module
 */
import { type Dataset, recovery, type SparseAutoencoder, SyntheticFeatures } from '../index';
import type { Picture, Snapshot } from './messages';

/** Examples by which units are judged, and of which the histogram is. */
const JUDGED = 300;

/** Examples that are shown with their reconstructions. */
const SHOWN = 8;

/** Bars of the histogram. */
const BARS = 24;

/** Makes snapshots of one model. */
export class Camera {
  readonly #model: SparseAutoencoder;
  readonly #sample: Dataset;
  readonly #range: readonly [low: number, high: number];
  readonly #truth: SyntheticFeatures | undefined;

  /** @param truth rows whose true features are known, where there are some */
  constructor(model: SparseAutoencoder, data: Dataset, truth: SyntheticFeatures | undefined) {
    this.#model = model;
    this.#sample = data.take(Math.min(JUDGED, data.count));
    this.#truth = truth && few(truth);
    const values = this.#rows(JUDGED);
    this.#range = [
      values.reduce((a, b) => Math.min(a, b), Infinity),
      values.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
  }

  /** The examples that are shown. */
  get examples(): Picture {
    return this.#grey(this.#rows(SHOWN));
  }

  /** The true features; `undefined` where they are not known. */
  get features(): Picture | undefined {
    return this.#truth && signed(this.#truth.dictionary, this.#truth.dim);
  }

  take(): Snapshot {
    const { activations, reconstruction } = this.#model.forward(this.#sample);
    const { values, shape } = this.#model.decoderWeights;
    const [rows, units] = activations.shape;
    const active = new Float32Array(units);
    const sparse = this.#model.architecture.hiddenActivation !== 'sigmoid';
    const threshold = sparse ? 0 : 0.1;
    let [most, zeros] = [0, 0];
    for (const [index, value] of activations.values.entries()) {
      if (Math.abs(value) > threshold) active[index % units] = (active[index % units] as number) + 1 / rows;
      most = Math.max(most, value);
      if (value === 0) zeros++;
    }
    const dim = shape[1];
    const found = this.#truth && recovery(this.#model, this.#truth);
    return {
      tiles: signed(values, dim),
      active,
      reconstructions: this.#grey(reconstruction.values.subarray(0, Math.min(SHOWN, rows) * dim)),
      histogram: histogram(activations.values, most),
      most,
      zero: zeros / activations.values.length,
      ...(found && { mcc: found.mcc, found: Float32Array.from(found.matching, ({ cosine }) => cosine) }),
    };
  }

  #rows(count: number): Float32Array {
    return this.#sample.gather(Array.from({ length: Math.min(count, this.#sample.count) }, (_, row) => row));
  }

  /** From the darkest of the data, 0, to its brightest, 255. */
  #grey(values: Float32Array): Picture {
    const [low, high] = this.#range;
    return Uint8Array.from(values, (value) =>
      Math.min(255, Math.max(0, (255 * (value - low)) / (high - low || 1))),
    );
  }
}

/** The same features with fewer rows: a picture should not take longer than it is looked at. */
function few(truth: SyntheticFeatures): SyntheticFeatures {
  const count = Math.min(JUDGED, truth.count);
  return new SyntheticFeatures({
    ...truth,
    values: truth.values.subarray(0, count * truth.dim),
    activations: truth.activations.subarray(0, count * truth.features),
    count,
  });
}

/** Rows, each by its own largest number: 0 is 128, the largest 255 or 1. */
function signed(values: Float32Array, dim: number): Picture {
  const picture = new Uint8Array(values.length);
  for (let start = 0; start < values.length; start += dim) {
    const row = values.subarray(start, start + dim);
    const most = row.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
    for (let i = 0; i < dim; i++) picture[start + i] = Math.round(128 + (127 * (row[i] as number)) / most);
  }
  return picture;
}

/** How many activations fall into each of some equal parts from 0 to the largest; those that are not above 0 into none. */
function histogram(values: Float32Array, most: number): Float32Array {
  const bars = new Float32Array(BARS);
  for (const value of values) {
    if (value <= 0) continue;
    const bar = Math.min(BARS - 1, Math.floor((BARS * value) / most));
    bars[bar] = (bars[bar] as number) + 1 / values.length;
  }
  return bars;
}
