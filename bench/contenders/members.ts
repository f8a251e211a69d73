import { kl, l1, type Penalty, SparseAutoencoder } from 'sparselab';
import { initialState, type Member } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { RHO } from '../work';
import { firstParameters, INPUT, work } from './common';

/** The work in Sparselab's terms: a model for each strength. */
export function members(): Member[] {
  const { architecture } = new SparseAutoencoder({
    inputDim: INPUT,
    hiddenDim: work.hiddenDim,
    hiddenActivation: work.activation,
  });
  return work.strengths.map((strength) => {
    const penalty: Penalty = work.penalty === 'l1' ? l1(strength) : kl({ beta: strength, rho: RHO });
    return {
      step: objectiveStep(architecture, { penalty }),
      initial: initialState(firstParameters()),
      learningRate: 1e-3,
    };
  });
}
