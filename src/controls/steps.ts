/** Largest rounding error of a position, as a fraction of a step: 3 × 0.05 is 0.15000000000000002. */
const ROUNDING = 1e-9;

/** The positions of a slider: `min` and equal steps from it, and `max`. */
export class Steps {
  /** Decimal places that a float64 of this size holds reliably. */
  readonly #places: number;

  constructor(
    readonly min: number,
    readonly max: number,
    readonly step: number,
  ) {
    const size = Math.max(Math.abs(min), Math.abs(max));
    this.#places = Math.min(Math.max(15 - Math.ceil(Math.log10(size)), 0), 100);
  }

  /** The position nearest to `x`: `nearest(0.15000000000000002)` is 0.15 in steps of 0.05 from 0. */
  nearest(x: number): number {
    const { min, max, step } = this;
    const last = Math.floor((max - min) / step + ROUNDING);
    const index = Math.min(Math.max(Math.round((x - min) / step), 0), last);
    const position = index === 0 ? min : Number((min + index * step).toFixed(this.#places));
    return Math.abs(max - x) <= Math.abs(position - x) ? max : position;
  }

  /** The position that `x` is but for a rounding, or `undefined`. */
  at(x: number): number | undefined {
    const position = this.nearest(x);
    return Math.abs(x - position) <= ROUNDING * this.step ? position : undefined;
  }
}
