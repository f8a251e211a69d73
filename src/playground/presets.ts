/**
 * Trainings to begin with: some with which all is well, and one for each ailment that `diagnose` knows.
 *
 * @module
 */
import type { DiagnosisName } from '../index';
import { defaults, fitted, type Settings } from './settings';

/** A training to begin with. */
export interface Preset {
  /** Its name in the menu. */
  readonly title: string;
  readonly settings: Settings;
}

const preset = (title: string, changes: Partial<Settings>): Preset => ({
  title,
  settings: fitted({ ...defaults, ...changes }),
});

/** Trainings with which all is well, or nearly. */
export const starts: readonly Preset[] = [
  preset('Edges in photographs: TopK', {}),
  preset('Edges in photographs: KL', {
    method: 'kl',
    strength: 0.01,
    output: 'sigmoid',
    rate: 1e-2,
    epochs: 100,
  }),
  preset('Pieces of digits: L1', { data: 'digits', method: 'l1', strength: 1e-2, rate: 1e-3, epochs: 100 }),
  preset('Blotches: no penalty', { data: 'digits', method: 'none', units: 36, epochs: 100 }),
  preset('Bars found again: BatchTopK', { data: 'bars', method: 'batchTopK', k: 2, units: 25 }),
];

const digits = { data: 'digits', method: 'l1', mean: 'kept', epochs: 30 } as const;
const sigmoid = { ...digits, method: 'kl', output: 'sigmoid', rate: 1e-2 } as const;

/** For each ailment a training that has it, maybe among others. */
export const ailments: Readonly<Record<DiagnosisName, Preset>> = {
  diverged: preset('Diverged', { ...digits, method: 'gated', rate: 30, mean: 'subtracted' }),
  'learning rate too large': preset('Learning rate too large', { ...digits, rate: 1 }),
  'loss rises': preset('Loss rises', { ...digits, method: 'gated', rate: 0.3, mean: 'subtracted' }),
  'loss still falls': preset('Loss still falls', { epochs: 5, rate: 1e-3 }),
  'nothing learned': preset('Nothing learned', { ...digits, rate: 1e-5 }),
  'dead units': preset('Dead units', { ...digits, method: 'topK', k: 4, units: 144 }),
  'always-on units': preset('Always-on units', { ...digits, method: 'none' }),
  'mean activation off target': preset('Mean activation off target', {
    ...sigmoid,
    strength: 1e-3,
    rate: 3e-3,
  }),
  'penalty too strong': preset('Penalty too strong', { ...digits, strength: 1 }),
  'penalty too weak': preset('Penalty too weak', { ...digits, strength: 1e-9 }),
  'penalty over the wrong axis': preset('Penalty over the wrong axis', { ...digits, method: 'wrongAxis' }),
  'code not sparse': preset('Code not sparse', {
    ...digits,
    method: 'topK',
    k: 32,
    units: 36,
    mean: 'subtracted',
  }),
  'threshold off target': preset('Threshold off target', {
    ...digits,
    method: 'winnerTakeAll',
    rho: 0.02,
    batch: 8,
    rate: 1e-3,
    epochs: 20,
    mean: 'subtracted',
  }),
  'strength without effect': preset('Strength without effect', {
    ...digits,
    method: 'jumpRelu',
    strength: 1e-2,
    bandwidth: 1e-6,
  }),
  'target L0 missed': preset('Target L0 missed', { ...digits, strength: 1e-7, target: 3 }),
  'small last batch': preset('Small last batch', { ...sigmoid, strength: 0.1, rest: 'small' }),
  'data out of range': preset('Data out of range', { ...digits, output: 'sigmoid', scale: 'bytes' }),
  'data scale': preset('Data scale', { ...digits, scale: 'twice' }),
};
