import { runTrials } from '../runTrials';
import { parseResult, resultToJson } from '../trial';
import type { Executor } from './executor';

/** This process. */
export function inProcess(): Executor {
  return {
    async run(trials, listener) {
      const id = (index: number) => trials[index]?.id as string;
      const specs = trials.map(({ spec }) => spec);
      await runTrials(specs, {
        signal: listener.signal,
        onProgress: (index, fraction) => listener.onProgress(id(index), fraction),
        // As from a worker or a store: what JSON cannot hold is NaN, wherever the trial ran.
        onResult: (index, result) => listener.onResult(id(index), parseResult(resultToJson(result))),
        onFailure: (index, error) => listener.onFailure(id(index), error.message),
      });
    },
    async close() {},
  };
}
