import { platform } from '#platform';
import { runningCell, stopSignal } from '../page/cell';

/**
 * Runs a task for the newest request only. A request aborts the run that is going on; of requests that come while it
 * ends, the last one alone is run, and never two at a time.
 */
export class Latest {
  readonly #task: (signal: AbortSignal) => Promise<void>;
  #controller = new AbortController();
  #wanted = false;
  #ended = false;
  #running: Promise<void> | undefined;

  /** @param task Is given a signal that is aborted when a newer request comes, or the cell is stopped. */
  constructor(task: (signal: AbortSignal) => Promise<void>) {
    this.#task = task;
  }

  /**
   * Asks for a run.
   *
   * @returns settles when no run is going on or wanted any more
   * @throws the error of the run, unless a newer request has aborted it
   */
  request(): Promise<void> {
    this.#wanted = true;
    this.#controller.abort();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Aborts the run that is going on; from then on requests do nothing. */
  end(): void {
    this.#ended = true;
    this.#controller.abort();
  }

  async #run(): Promise<void> {
    const stop = runningCell()?.signal;
    while (this.#wanted && !this.#ended && !stop?.aborted) {
      // All changes so far are one request.
      await new Promise<void>((resolve) => platform.inNextTurn(resolve));
      this.#wanted = false;
      this.#controller = new AbortController();
      const { signal } = this.#controller;
      try {
        await this.#task(stopSignal(signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    this.#wanted = false;
  }
}
