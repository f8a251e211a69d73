import { rounded } from './plotRows';

/** The value of a setting as a short label: `0.001`, and `1e-6` where zeros would have to be counted. */
export function settingLabel(value: number): string {
  const short = rounded(value, 3);
  return value !== 0 && Math.abs(value) < 1e-4 ? short.toExponential() : `${short}`;
}
