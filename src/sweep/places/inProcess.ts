import { runTrials } from '../runTrials';
import { parseResult, resultToJson } from '../trial';
import type { Place } from './place';

/** This process. */
export function inProcess(): Place {
  return {
    async run(trials, listener) {
      const id = (index: number) => trials[index]?.id as string;
      const specs = trials.map(({ spec }) => spec);
      await runTrials(specs, {
        signal: listener.signal,
        onProgress: (index, share) => listener.onProgress(id(index), share),
        // As from a worker or a store: what JSON cannot hold is NaN, wherever the trial ran.
        onResult: (index, result) => listener.onResult(id(index), parseResult(resultToJson(result))),
        onFailure: (index, error) => listener.onFailure(id(index), error.message),
      });
    },
    async close() {},
  };
}
