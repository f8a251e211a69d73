import { refuseUnknownOptions, requireInteger, requireNumber } from '../numbers/arguments';
import { type Control, type ControlOptions, plainControl } from './control';
import { controlsView } from './widget';

/** How {@link slider} and {@link intSlider} look and begin. */
export interface SliderOptions extends ControlOptions {
  /** Where it begins; the middle unless told. */
  readonly value?: number;
  /** The distance between two positions. */
  readonly step?: number;
}

/** How {@link logSlider} looks and begins. */
export interface LogSliderOptions extends ControlOptions {
  /** Where it begins; the geometric middle unless told. */
  readonly value?: number;
  /** Positions from one power of ten to the next; 10 unless told. */
  readonly perDecade?: number;
}

/**
 * A slider for a number.
 *
 * @param options `step` is a hundredth of the range unless told.
 * @throws RangeError if `max` is not above `min`, or `value` not between them.
 *
 * @example slider(0, 1, { value: 0.05, label: 'rho' })
 */
export function slider(min: number, max: number, options: SliderOptions = {}): Control<number> {
  refuseUnknownOptions('slider', options, ['label', 'value', 'step']);
  requireNumber('max', max, { above: requireNumber('min', min) });
  const step = requireNumber('step', options.step ?? (max - min) / 100, { above: 0 });
  const check = (value: unknown) => requireNumber('value', value, { min, max });
  const value = options.value ?? (min + max) / 2;
  const state = { min, max, step, readout_format: '.4~g' };
  return plainControl(controlsView('FloatSlider'), value, check, state, options);
}

/**
 * A slider for an integer.
 *
 * @param options `step` is 1 unless told.
 * @throws RangeError if `max` is not above `min`, or `value` not an integer between them.
 *
 * @example intSlider(16, 256, { value: 64, step: 16, label: 'hidden units' })
 */
export function intSlider(min: number, max: number, options: SliderOptions = {}): Control<number> {
  refuseUnknownOptions('intSlider', options, ['label', 'value', 'step']);
  requireInteger('max', max, { above: requireInteger('min', min) });
  const step = requireInteger('step', options.step ?? 1, { min: 1 });
  const check = (value: unknown) => requireInteger('value', value, { min, max });
  const value = options.value ?? Math.round((min + max) / 2);
  const state = { min, max, step };
  return plainControl(controlsView('IntSlider'), value, check, state, options);
}

/**
 * A slider whose positions are equal factors apart, not equal distances: for a number whose size is what matters, such
 * as λ or a learning rate.
 *
 * @throws RangeError if `min` is not above 0, `max` not above `min`, or `value` not between them.
 *
 * @example logSlider(1e-5, 1e-1, { label: 'lambda' }).value // 0.001
 */
export function logSlider(min: number, max: number, options: LogSliderOptions = {}): Control<number> {
  refuseUnknownOptions('logSlider', options, ['label', 'value', 'perDecade']);
  requireNumber('max', max, { above: requireNumber('min', min, { above: 0 }) });
  const perDecade = requireNumber('perDecade', options.perDecade ?? 10, { above: 0 });
  // Powers of ten that the page computes may miss a bound by a rounding.
  const tolerance = 1 + 1e-9;
  const check = (value: unknown) => {
    const number = requireNumber('value', value, { min: min / tolerance, max: max * tolerance });
    return Math.min(Math.max(Number(number.toPrecision(12)), min), max);
  };
  const value = options.value ?? Math.sqrt(min * max);
  const state = {
    base: 10,
    min: Math.log10(min),
    max: Math.log10(max),
    step: 1 / perDecade,
    readout_format: '.3~g',
  };
  return plainControl(controlsView('FloatLogSlider'), value, check, state, options);
}
