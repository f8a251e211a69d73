import { requireInteger, requireNumber } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions } from '../numbers/options';
import { type Control, type ControlOptions, controlOptions, plainControl } from './control';
import { Steps } from './steps';
import { controlsView, type State } from './widget';

const sliderOptions = {
  ...controlOptions,
  /** Where it begins. Default: the position in the middle. */
  value: optional(number()),
  /** The distance between two positions, which are counted from the smallest value; the largest is one, too. */
  step: optional(number({ above: 0 })),
};

/** How {@link slider} and {@link intSlider} look and begin. @interface */
export type SliderOptions = OptionsOf<typeof sliderOptions>;

const intSliderOptions = { ...sliderOptions, step: optional(integer({ min: 1 }), 1) };

const logSliderOptions = {
  ...controlOptions,
  /** Where it begins. Default: the position at the geometric middle. */
  value: optional(number()),
  /** Positions per power of ten. Default: 10. */
  perDecade: optional(number({ above: 0 }), 10),
};

/** How {@link logSlider} looks and begins. @interface */
export type LogSliderOptions = OptionsOf<typeof logSliderOptions>;

/**
 * A slider for a number. A value from the page is rounded to the nearest position. The program may set any number in the range;
 * one that misses a position by a rounding is that position.
 *
 * @param options `step` defaults to a hundredth of the range.
 * @throws RangeError if `max` is not above `min`, or `value` not between them.
 *
 * @example slider(0, 1, { value: 0.05, label: 'rho' })
 */
export function slider(min: number, max: number, options: SliderOptions = {}): Control<number> {
  const read = readOptions('slider', options, sliderOptions);
  requireNumber('max', max, { above: requireNumber('min', min) });
  const { step = (max - min) / 100 } = read;
  const steps = new Steps(min, max, step);
  return numberSlider('FloatSlider', read.value ?? steps.nearest((min + max) / 2), options, {
    state: { min, max, step, readout_format: '.4~g' },
    cleaned: (value) => steps.at(value) ?? value,
    nearest: (value) => steps.nearest(value),
    check: (value) => requireNumber('value', value, { min, max }),
  });
}

/**
 * A slider for an integer. A value from the page is rounded to the nearest position; the program may set any integer in the
 * range.
 *
 * @param options `step` defaults to 1.
 * @throws RangeError if `max` is not above `min`, or `value` not an integer between them.
 *
 * @example intSlider(16, 256, { value: 64, step: 16, label: 'hidden units' })
 */
export function intSlider(min: number, max: number, options: SliderOptions = {}): Control<number> {
  const read = readOptions('intSlider', options, intSliderOptions);
  requireInteger('max', max, { above: requireInteger('min', min) });
  const { step } = read;
  const [steps, whole] = [new Steps(min, max, step), new Steps(min, max, 1)];
  return numberSlider('IntSlider', read.value ?? steps.nearest((min + max) / 2), options, {
    state: { min, max, step },
    cleaned: (value) => whole.at(value) ?? value,
    nearest: (value) => steps.nearest(value),
    check: (value) => requireInteger('value', value, { min, max }),
  });
}

/**
 * A slider whose positions are equal factors apart, not equal distances: for a number whose size is what matters, such
 * as λ or a learning rate. A value from the page is rounded to the nearest position; the program may set any number in the
 * range. Numbers have 12 digits.
 *
 * @throws RangeError if `min` is not above 0, `max` not above `min`, or `value` not between them.
 *
 * @example logSlider(1e-5, 1e-1, { label: 'lambda' }).value // → 0.001
 */
export function logSlider(min: number, max: number, options: LogSliderOptions = {}): Control<number> {
  const read = readOptions('logSlider', options, logSliderOptions);
  requireNumber('max', max, { above: requireNumber('min', min, { above: 0 }) });
  const step = 1 / read.perDecade;
  const exponents = new Steps(Math.log10(min), Math.log10(max), step);
  /** The number that is 10 to the power of a position: the bounds as they were given, others without a power's rounding. */
  const power = (exponent: number) => {
    if (exponent === exponents.min) return min;
    return exponent === exponents.max ? max : Number((10 ** exponent).toPrecision(12));
  };
  const nearest = (value: number) => power(exponents.nearest(Math.log10(value)));
  return numberSlider('FloatLogSlider', read.value ?? nearest(Math.sqrt(min * max)), options, {
    state: { base: 10, min: exponents.min, max: exponents.max, step, readout_format: '.3~g' },
    cleaned(value) {
      const position = exponents.at(Math.log10(value));
      return position === undefined ? Number(value.toPrecision(12)) : power(position);
    },
    nearest,
    check: (value) => requireNumber('value', value, { min, max }),
  });
}

/** How a slider reads numbers. */
interface Reading {
  readonly state: State;
  /** Without the rounding that a position may come with. */
  cleaned(value: number): number;
  /** The nearest position. */
  nearest(value: number): number;
  /** @throws RangeError or TypeError if the slider cannot have this value */
  check(value: unknown): number;
}

function numberSlider(
  name: string,
  value: number,
  options: ControlOptions,
  { state, cleaned, nearest, check }: Reading,
): Control<number> {
  const given = (number: unknown) => check(typeof number === 'number' ? cleaned(number) : number);
  const fromPage = (number: unknown) => nearest(given(number));
  return plainControl(controlsView(name), value, given, state, options, fromPage);
}
