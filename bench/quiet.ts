import { cpus } from 'node:os';

const LOOK_MILLISECONDS = 200;

/** Other programs may use this fraction of the machine while something is measured. */
const BUSY = 0.1;

/** Waits until the rest of the machine is quiet, `patience` seconds at most; returns whether it is. */
export async function quiet(patience = 10): Promise<boolean> {
  const deadline = performance.now() + 1000 * patience;
  do {
    const before = times();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    const after = times();
    if ((after.busy - before.busy) / (after.all - before.all) < BUSY) return true;
  } while (performance.now() < deadline);
  return false;
}

/** Time that the processors have spent since the machine started. */
function times(): { busy: number; all: number } {
  const all = cpus().flatMap(({ times: each }) => Object.values(each));
  const idle = cpus().map(({ times: each }) => each.idle);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { busy: sum(all) - sum(idle), all: sum(all) };
}
