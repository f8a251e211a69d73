import { followNpm } from './processes.mjs';
import { reportFailure } from './steps.mjs';

/**
 * What every command of set-up has around its work: it ends with npm, and a failure is told with what to do about it.
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
