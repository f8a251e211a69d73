/**
 * A bar below the cell while a data file comes over a network.
 *
 * @module
 */

import { platform } from '#platform';
import { runningCell } from '../page/cell';
import { duration } from '../page/duration';
import { NO_BAR, progressBar } from '../page/progressBar';

/** A file that takes less, in seconds, shows nothing. */
const SHORT = 0.5;

/** The bar of one file. */
export class FetchProgress {
  readonly #cell = runningCell();
  readonly #begun = performance.now();
  #displayId: string | undefined;

  constructor(readonly name: string) {}

  /** @throws the stop, if the cell has been stopped */
  readonly update = (bytes: number, of: number): void => {
    this.#cell?.throwIfStopped();
    const seconds = (performance.now() - this.#begun) / 1000;
    if (seconds < SHORT || bytes === of) return;
    const left = duration((seconds * (of - bytes)) / bytes);
    const text = `${this.name}: ${megabytes(bytes)} of ${megabytes(of)} MB · ${left} left`;
    this.#show(progressBar({ fraction: bytes / of, text }));
  };

  /** Takes the bar away. */
  clear(): void {
    if (this.#displayId !== undefined) this.#show(NO_BAR);
  }

  #show(bundle: typeof NO_BAR): void {
    const update = this.#displayId !== undefined;
    this.#displayId ??= platform.randomId();
    this.#cell?.display(bundle, { displayId: this.#displayId, update });
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
