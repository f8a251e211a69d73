/**
 * Gives back the memory that compiling cells leaves behind.
 *
 * Each cell makes the compiler build a new program and drop the old one: about a megabyte of garbage that is old
 * enough for V8 to leave it until the heap has doubled. So the kernel has it collected when no cell waits; V8's own
 * settings would do so in the middle of the user's code, too, and slow that down.
 *
 * @module
 */

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How far the heap may grow before it is worth a collection: in bytes, and as a fraction of the heap in use. */
const GROWTH_BYTES = 12 << 20;
const GROWTH = 0.15;

/** A function to be called when the kernel has nothing to do; it collects garbage if enough may have come together. */
export function createCollector(): () => void {
  // A context made from now on has a function `gc`; others, such as that of cells, do not.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  let kept = 0;
  return () => {
    if (usedHeap() - kept < Math.max(GROWTH_BYTES, kept * GROWTH)) return;
    collect();
    kept = usedHeap();
  };
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}
