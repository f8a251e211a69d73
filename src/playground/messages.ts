/**
 * The messages between the page and the worker.
 *
 * @module
 */
import type { Diagnosis } from '../index';
import type { Settings } from './settings';
import type { Rest, Stretch } from './trainer';

/** A byte per pixel, picture after picture. */
export type Picture = Uint8Array;

/** Pictures of the user's own, grey: 0 (black) to 1 (white). */
export interface OwnPicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

/** Requests of the page. */
export type ToWorker =
  /** A new training, which waits; `own` are the pictures, if they are the data. */
  | {
      readonly kind: 'start';
      /** A number by which what is told of this training is known. */
      readonly training: number;
      readonly settings: Settings;
      readonly own?: readonly OwnPicture[];
    }
  /** Trains until this many epochs are done; at most `perSecond`, so that the reader can watch. */
  | { readonly kind: 'run'; readonly epochs: number; readonly perSecond: number }
  /** Ends the training with the epoch. */
  | { readonly kind: 'pause' }
  /** Another strength or learning rate. */
  | { readonly kind: 'change'; readonly settings: Settings };

/** The worker's news, and of which training they are. */
export type ToPage = News & { readonly training: number };

/** News of a training. */
export type News =
  /** Something takes a while, in words. */
  | { readonly kind: 'busy'; readonly what: string }
  /** How far a data set is on its way, as HTML; empty when it is there. */
  | { readonly kind: 'loading'; readonly bar: string }
  | {
      readonly kind: 'started';
      readonly settings: Settings;
      /** Height and width of an example as a picture. */
      readonly shape: readonly [height: number, width: number];
      readonly dim: number;
      readonly count: number;
      readonly examples: Picture;
      readonly features?: Picture;
      readonly engine: string;
    }
  | ({ readonly kind: 'shown' } & Shown)
  | ({
      readonly kind: 'rested';
      readonly rest: Rest;
      readonly diagnoses: readonly Diagnosis[];
      readonly stretches: readonly Stretch[];
    } & Shown)
  | { readonly kind: 'failed'; readonly reason: string };

/** A moment of a training. */
export interface Shown {
  readonly snapshot: Snapshot;
  /** The records since the moment before. */
  readonly rows: readonly Row[];
}

/** The numbers of the curves. */
export interface Row {
  readonly step: number;
  readonly epoch: number;
  readonly mse: number;
  readonly unexplained: number;
  readonly l0: number;
  /** Units that are active for no example. */
  readonly dead: number;
}

/** The parts of a model that are drawn. */
export interface Snapshot {
  /** Each unit's decoder weights: 128 is 0. */
  readonly tiles: Picture;
  /** The fraction of examples for which each unit is active. */
  readonly active: Float32Array;
  /** Of the examples that are shown. */
  readonly reconstructions: Picture;
  /** The fraction of all activations in equal parts from 0 to `most`; those that are not above 0 in none. */
  readonly histogram: Float32Array;
  readonly most: number;
  /** The fraction of all activations that is exactly 0. */
  readonly zero: number;
  /** How near the units are to the true features, where those are known. */
  readonly mcc?: number;
  /** The cosine of each feature's unit. */
  readonly found?: Float32Array;
}
