import { onQueue, workerProcesses } from '#executors';
import { platform } from '#platform';
import { show } from '../numbers/arguments';
import {
  abortSignal,
  callback,
  type Filled,
  integer,
  type Option,
  type OptionsOf,
  optional,
  readOptions,
  text,
} from '../numbers/options';
import { runningCell } from '../page/cell';
import { isPlainObject } from '../provenance/canonicalJson';
import { trialDefinition, trialOptions } from './defineTrials';
import { type Executor, type Limits, limitsOptions, type PlannedTrial } from './executors/executor';
import { inProcess } from './executors/inProcess';
import type { SweepProgress } from './progress';
import { hasResult } from './row';
import { gridSearch, type Search, type Trial } from './search';
import { isSetting, requireSpace, type Settings, type Space } from './space';
import { describeDamage, TrialStore } from './store';
import { SweepTable } from './table';
import { Tracker } from './tracker';
import { parseTrial, type TrialResult, trialId } from './trial';

const queueAddress: Option<string | true> = (name, given) => {
  if (given === true || typeof given === 'string') return given;
  throw new TypeError(`${name} must be a URL or true; got ${show(given)}`);
};

const limits: Option<Limits> = (name, given) => readOptions(name, given, limitsOptions, `${name}.`);

const sweepOptions = {
  ...trialOptions,
  /** How to go through the space. Default: {@link gridSearch}. */
  search: optional(callback<Search>(), gridSearch()),
  /**
   * The folder in which results are kept, and looked up before anything is trained; from the current one, or from that in
   * the environment variable `SPARSELAB_SWEEPS`. By default nothing is kept.
   */
  store: optional(text),
  /** So many processes on this machine run the trials. */
  workers: optional(integer({ min: 1, max: 256 })),
  /**
   * Workers on a queue run the trials: the URL of its Redis, `redis://…` or, with TLS, `rediss://…`; or `true` for the
   * URL in the environment variable `SPARSELAB_QUEUE`, which keeps a password out of the notebook.
   */
  queue: optional(queueAddress),
  /** Limits of a single trial; needs `workers` or `queue`. */
  limits: optional(limits),
  /** Stops the sweep when aborted. Default: the running cell's own signal. Finished trials are kept. */
  signal: optional(abortSignal),
  /** Called about four times a second while something changes, and at the end. */
  onProgress: optional(callback<(progress: SweepProgress, table: SweepTable) => void>()),
};

/** Options of {@link sweep}. @interface */
export type SweepOptions = OptionsOf<typeof sweepOptions>;

const PROGRESS_MILLISECONDS = 250;

/**
 * Results of sweeps without a store that did not finish. A notebook's cell that is stopped ends before it has its table:
 * run again, it goes on from here.
 */
const unfinished = new Map<string, TrialResult>();

/**
 * Many trainings, one table: each point of the space is a trial that runs in this process, in `workers` processes of this
 * machine, or on whatever machines serve a `queue`. Places differ in time; rows, their order and their numbers are the
 * same, the numbers up to rounding where machines compute with different engines or numbers of threads.
 *
 * With a `store` each result is on the disk before it counts, and running the same sweep again trains only what is
 * missing. A trial that fails has its error in its row; the others go on. A sweep that is stopped by its `signal` returns
 * what is done; one whose cell is stopped goes on from there when the cell is run again, with a store or without.
 *
 * @param space For each setting the values to try: `seed`, options of the model and of train(), parameters of the penalty.
 * @throws RangeError or TypeError, before the first trial, naming the argument, the permitted values and the value.
 * @throws StoreError if the store cannot be read, or no longer be written; its content is kept.
 * @throws QueueError if the queue cannot be reached.
 *
 * @example
 * const table = await sweep(
 *   { lambda: geomspace(1e-6, 1e-2, 9), seed: [1, 2, 3] },
 *   { data: 'MNIST train', model: { hiddenDim: 64 }, penalty: 'l1', train: { epochs: 2 }, store: 'sweeps/lambda' },
 * );
 * paretoPlot(table.points())
 */
export async function sweep(space: Space, options: SweepOptions): Promise<SweepTable> {
  const read = readOptions('sweep', options, sweepOptions);
  const { search, store: folder, signal, onProgress } = read;
  requireSpace(space);
  const define = trialDefinition(read);
  const rounds = search(space);
  if (typeof rounds?.next !== 'function') {
    throw new TypeError(
      `search must be a generator, function* (space) { yield [{ … }]; }; it gave ${show(rounds)}`,
    );
  }
  // The first round's trials are all defined before anything starts: a wrong setting is refused here.
  let round = rounds.next([]);
  let planned = round.done ? [] : plan(round.value, define);

  const executor = await openExecutor(read);
  const tracker = new Tracker();
  const stop = stopper(signal ?? runningCell()?.signal);
  let store: TrialStore | undefined;
  const report = throttled(() => {
    try {
      onProgress?.(
        tracker.progress('running'),
        new SweepTable(tracker.rows(), 'running', tracker.notices, space),
      );
    } catch (error) {
      // Thrown from a timer it would end the process; so the caller of sweep() hears of it.
      stop.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  try {
    store =
      folder === undefined
        ? undefined
        : new TrialStore(platform.files.resolve(platform.env('SPARSELAB_SWEEPS') ?? '', folder));
    while (!round.done) {
      await runRound(planned, { executor, store, tracker, stop, report });
      // A round that comes from the store waits for nothing: without this a search that has no end could not be stopped.
      await new Promise<void>((resolve) => platform.inNextTurn(resolve));
      if (stop.signal.aborted) break;
      const trials = planned.map(({ id, settings }): Trial => {
        const row = tracker.row(id);
        return { settings, metrics: row && hasResult(row) ? row.metrics : undefined };
      });
      round = rounds.next(trials);
      planned = round.done ? [] : plan(round.value, define);
    }
    if (stop.error) throw stop.error;
  } finally {
    stop.release();
    report.cancel();
    await executor.close();
    await store?.close();
  }
  const status = round.done ? 'finished' : 'stopped';
  const table = new SweepTable(tracker.rows(), status, tracker.notices, space);
  if (status === 'finished') for (const { id } of table.rows) unfinished.delete(id);
  onProgress?.(tracker.progress(status), table);
  return table;
}

interface NamedTrial extends PlannedTrial {
  readonly settings: Settings;
}

/** Everything that a round needs. */
interface Running {
  readonly executor: Executor;
  readonly store: TrialStore | undefined;
  readonly tracker: Tracker;
  readonly stop: Stopper;
  readonly report: () => void;
}

/** @throws TypeError if a custom search names something else than settings. */
function plan(named: readonly Settings[], define: ReturnType<typeof trialDefinition>): NamedTrial[] {
  if (!Array.isArray(named)) {
    throw new TypeError(`search must yield lists of settings, [{ lambda: 0.1 }, …]; got ${show(named)}`);
  }
  return (named as readonly Settings[]).map((each) => {
    const values = isPlainObject(each) ? Object.values(each) : [undefined];
    if (!values.every(isSetting)) {
      throw new TypeError(
        `search must yield settings that are numbers, strings, true or false by name; got ${show(each)}`,
      );
    }
    // A copy: a search may change its own object before it names the next trial.
    const settings = { ...each };
    const spec = parseTrial(define(settings));
    return { id: trialId(spec), spec, settings };
  });
}

/** Takes what the store has and runs the rest. A result counts once the store has it. */
async function runRound(planned: readonly NamedTrial[], running: Running): Promise<void> {
  const { executor, store, tracker, stop, report } = running;
  store?.refresh();
  for (const damage of store?.damaged ?? []) {
    tracker.notice(`a record of the store is damaged and is trained again: ${describeDamage(damage)}`);
  }
  for (const { id, settings } of planned) {
    tracker.add(id, settings);
    const known = (store?.results ?? unfinished).get(id);
    if (known) tracker.finish(id, known, { cached: true });
  }
  const open = new Map(planned.map((trial) => [trial.id, trial]));
  const missing = [...open.values()].filter(({ id }) => tracker.row(id)?.status === 'missing');
  report();
  if (missing.length === 0 || stop.signal.aborted) return;

  const keeping = new Set<Promise<void>>();
  await executor.run(missing, {
    signal: stop.signal,
    onProgress(id, fraction) {
      tracker.advance(id, fraction);
      report();
    },
    onResult(id, result) {
      const trial = open.get(id);
      // A queue may deliver a result twice: it counts once.
      if (!trial || !open.delete(id)) return;
      const kept = (async () => {
        if (store) await store.append(trial.spec, result);
        else unfinished.set(id, result);
        tracker.finish(id, result);
        report();
      })();
      keeping.add(kept);
      kept.then(
        () => keeping.delete(kept),
        (error: Error) => stop.fail(error),
      );
    },
    onFailure(id, reason) {
      tracker.fail(id, reason);
      report();
    },
    onNotice(notice) {
      if (tracker.notice(notice)) report();
    },
  });
  // A failure to keep a result has already stopped the sweep, and is thrown at its end.
  await Promise.allSettled(keeping);
}

async function openExecutor({ workers, queue, limits }: Filled<typeof sweepOptions>): Promise<Executor> {
  if (limits !== undefined && workers === undefined && queue === undefined) {
    throw new TypeError('limits must come with workers or queue: this process cannot end a trial by force');
  }
  if (workers !== undefined && queue !== undefined) {
    throw new TypeError('workers and queue must not come together: workers join a queue with npm run worker');
  }
  if (workers !== undefined) return workerProcesses(workers, limits);
  return queue === undefined ? inProcess() : onQueue(queue, limits);
}

/** Stops a sweep: because its caller wants it to, or because going on makes no sense. */
interface Stopper {
  readonly signal: AbortSignal;
  readonly error: Error | undefined;
  fail(error: Error): void;
  release(): void;
}

function stopper(outer: AbortSignal | undefined): Stopper {
  const controller = new AbortController();
  let failure: Error | undefined;
  const abort = () => controller.abort();
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    get error() {
      return failure;
    },
    fail(error) {
      failure ??= error;
      controller.abort();
    },
    release: () => outer?.removeEventListener('abort', abort),
  };
}

/** At most one call in a while; the first at once. */
function throttled(work: () => void): (() => void) & { cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const run = () => {
    timer = undefined;
    last = performance.now();
    work();
  };
  const call = () => {
    if (timer) return;
    const wait = last + PROGRESS_MILLISECONDS - performance.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
  return Object.assign(call, { cancel: () => clearTimeout(timer) });
}
