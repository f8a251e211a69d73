import { LimitExceededError, TrialProcess } from '../process/trialProcess';
import { trialGroups } from '../trialGroups';
import type { Executor, ExecutorListener, Limits, PlannedTrial } from './executor';

/** A trial whose process died so often is not tried again: it is probably what kills them. */
const ATTEMPTS = 3;

/** Trials that a process trains together at most: more are hardly faster, their results come late, and they die together. */
const MOST_TOGETHER = 4;

/** Processes on this machine. Each runs one trial after another; a trial whose process dies runs again in a new one. */
export function workerProcesses(count: number, limits?: Limits): Executor {
  const idle: TrialProcess[] = [];
  const all = new Set<TrialProcess>();

  /** The trials that each process gets at once. */
  const batches = (trials: readonly PlannedTrial[]): Attempted[][] => {
    // A limit is one trial's own; and every process should have something to do.
    const most = limits ? 1 : Math.min(MOST_TOGETHER, Math.ceil(trials.length / count));
    const groups = trialGroups(
      trials.map(({ spec }) => spec),
      most,
    );
    return groups.map((group) => group.map((index) => ({ ...(trials[index] as PlannedTrial), deaths: 0 })));
  };

  const takeProcess = async (): Promise<TrialProcess> => {
    const known = idle.pop();
    if (known) return known;
    const started = await TrialProcess.start(count);
    all.add(started);
    return started;
  };

  /** Runs a batch in one process. @returns The trials that are to run again, because the process died. */
  const runBatch = async (batch: readonly Attempted[], listener: ExecutorListener): Promise<Attempted[]> => {
    const unsettled = new Map(batch.entries());
    let process: TrialProcess | undefined;
    try {
      process = await takeProcess();
      if (listener.signal.aborted) return [];
      for (const { id } of batch) listener.onProgress(id, 0);
      await process.run(
        batch.map(({ spec }) => spec),
        limits,
        {
          onProgress: (index, fraction) => listener.onProgress((batch[index] as Attempted).id, fraction),
          onResult(index, result) {
            unsettled.delete(index);
            listener.onResult((batch[index] as Attempted).id, result);
          },
          onFailure(index, reason) {
            unsettled.delete(index);
            listener.onFailure((batch[index] as Attempted).id, reason);
          },
        },
      );
      idle.push(process);
      return [];
    } catch (error) {
      if (process) all.delete(process);
      if (listener.signal.aborted) return [];
      return [...unsettled.values()].filter((trial) => survives(trial, error as Error, listener));
    }
  };

  return {
    async run(trials, listener) {
      const waiting = batches(trials);
      const stop = () => {
        for (const process of all) process.kill();
      };
      listener.signal.addEventListener('abort', stop);
      const lane = async () => {
        for (let batch = waiting.shift(); batch && !listener.signal.aborted; batch = waiting.shift()) {
          // Each alone, so that the trial that kills processes takes no other with it.
          for (const trial of await runBatch(batch, listener)) waiting.push([trial]);
        }
      };
      await Promise.all(Array.from({ length: Math.min(count, waiting.length) }, lane));
      listener.signal.removeEventListener('abort', stop);
    },
    async close() {
      await Promise.all([...all].map((process) => process.end()));
      all.clear();
      idle.length = 0;
    },
  };
}

/** Whether a trial whose process died runs again; otherwise it has failed. */
function survives(trial: Attempted, error: Error, listener: ExecutorListener): boolean {
  trial.deaths++;
  if (!(error instanceof LimitExceededError) && trial.deaths < ATTEMPTS) {
    listener.onNotice(`a worker process died and its trials run again: ${error.message}`);
    return true;
  }
  const often = trial.deaths > 1 ? ` (${trial.deaths} times)` : '';
  listener.onFailure(trial.id, `${error.message}${often}`);
  return false;
}

interface Attempted extends PlannedTrial {
  /** How many processes died with it. */
  deaths: number;
}
