/** The share of the time that may go into looking again. */
const SHARE = 0.01;

/**
 * Checks, while a compiled training runs, that its steps still do the same as their traces: a number that a step captures may
 * change between two runs, and the compiled code would not notice.
 *
 * A step is walked through again for each size of batch, one of these after another, as often as {@link SHARE} allows.
 * Before a training ends, all are.
 */
export class PurityCheck {
  readonly #checks: readonly (() => void)[];
  #done = 0;
  #runs = 0;
  #next = 0;

  /** @param checks One for each step and size of batch; throws if it is no longer what was traced. */
  constructor(checks: readonly (() => void)[]) {
    this.#checks = checks;
  }

  /**
   * Checks the next step if it is time to; called before each run. Before the first one nothing can have changed.
   *
   * @throws TraceError naming what is different.
   */
  beforeRun(): void {
    const started = performance.now();
    if (++this.#runs < 2 || started < this.#next) return;
    this.#checks[this.#done++ % this.#checks.length]?.();
    const now = performance.now();
    this.#next = now + (now - started) / SHARE;
  }

  /** Checks all. @throws TraceError naming what is different. */
  all(): void {
    for (const check of this.#checks) check();
  }
}
