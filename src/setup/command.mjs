import { followNpm } from './processes.mjs';
import { reportFailure } from './steps.mjs';

/**
 * The frame of every command of set-up: it ends with npm, and a failure is reported with a remedy.
 * @param {(args: readonly string[]) => Promise<number>} main gets the command's arguments; returns the exit code
 */
export async function command(main) {
  followNpm();
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
