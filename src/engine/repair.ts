/**
 * A notebook's stop ends code wherever it is, also inside tf, which then never leaves the scope, the gradient or the
 * kernel it is in: from then on it would free nothing and record no gradients. The kernel calls this afterwards.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/** The place where the kernel finds the repairs that libraries need after such a stop, by library. */
const REPAIRS = Symbol.for('sparselab.repairs');

/** Has tf put right after every such stop, and its backend be what `backendName` says. */
export function repairAfterStops(backendName: () => string): void {
  const place = globalThis as { [REPAIRS]?: Map<string, () => void> };
  place[REPAIRS] ??= new Map();
  place[REPAIRS].set('tf', () => {
    leaveEverything();
    if (tf.getBackend() !== backendName()) void tf.setBackend(backendName());
  });
}

/** Leaves all scopes, gradients and kernels; tensors that belong to the scopes are freed. */
function leaveEverything(): void {
  const { state } = tf.engine();
  while (state.scopeStack.length > 0) {
    const depth = state.scopeStack.length;
    try {
      tf.engine().endScope();
    } catch {
      // The stop came while this scope was being left: some of its tensors are gone already.
      if (state.scopeStack.length === depth) state.scopeStack.pop();
    }
  }
  // tf's initial state.
  Object.assign(state, {
    activeScope: null,
    activeTape: [],
    gradientDepth: 0,
    kernelDepth: 0,
    numDataMovesStack: [],
  });
}
