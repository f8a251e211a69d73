/**
 * Errors that end the kernel before it can answer: one line in its log names the error and what to do. Jupyter itself
 * shows a user no more than that the kernel has died. The entry imports this module before all others, since loading
 * them is what fails where an installation is damaged.
 *
 * @module
 */

import { resolve } from 'node:path';
import { log } from './io/log';
import { leave } from './lifeline';

const PROJECT = resolve(__dirname, '..', '..', '..');

/** Says why the kernel cannot run, and ends it. */
export function failToStart(error: unknown): never {
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
  log(`cannot run: ${reason} — \`npm run doctor\` in ${PROJECT} says what to fix.`);
  leave(1);
}

process.once('uncaughtException', failToStart);

/** From now on the kernel looks after errors itself. */
export function hasStarted(): void {
  process.off('uncaughtException', failToStart);
}
