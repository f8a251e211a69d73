import { kl, l1, type Penalty, SparseAutoencoder, topK, unitNormDecoder } from 'sparselab';
import { initialState, type Member } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { ramped } from 'sparselab/dist/training/ramp';
import { RHO } from '../work';
import { EXAMPLES, firstParameters, INPUT, work } from './common';

/** The work in Sparselab's terms: a model for each strength. */
export function members(): Member[] {
  const { activation, k, hiddenDim } = work;
  const { architecture } = new SparseAutoencoder({
    inputDim: INPUT,
    hiddenDim,
    hiddenActivation: activation === 'topK' ? topK(k as number) : activation,
  });
  return work.strengths.map((strength) => {
    const step = objectiveStep(
      architecture,
      work.penalty === 'none' ? {} : { penalty: penaltyOf(strength) },
      withHabits ? [unitNormDecoder()] : [],
    );
    return {
      step,
      initial: initialState(firstParameters()),
      learningRate: 1e-3,
      ...(withHabits && habits(strength)),
    };
  });
}

const penaltyOf = (strength: number): Penalty =>
  work.penalty === 'l1' ? l1(strength) : kl({ beta: strength, rho: RHO });

/** Unit rows, warm-up and decay are what one work is about; `BENCH_PLAIN` leaves them out. */
const withHabits = work.aims.plain !== undefined && process.env.BENCH_PLAIN === undefined;

function habits(strength: number): Pick<Member, 'learningRate' | 'scheduled'> {
  const steps = Math.floor(EXAMPLES / work.batchSize) * work.epochs;
  const warmUp = Math.floor(steps / 10);
  return {
    learningRate: ramped('learningRate', 1e-3, { warmUp, decay: Math.floor(steps / 5) }, steps),
    scheduled: { strength: ramped('strength', strength, { warmUp }, steps) },
  };
}
