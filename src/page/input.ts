import { boolean, type OptionsOf, optional, readOptions } from '../numbers/options';
import { runningCell } from './cell';

const inputOptions = {
  /** Whether what is typed stays hidden. Default: `false`. */
  password: optional(boolean, false),
};

/** How {@link input} asks. @interface */
export type InputOptions = OptionsOf<typeof inputOptions>;

/**
 * Asks the user for a line of text, in a field below the cell.
 *
 * @param prompt What to ask; shown before the field.
 * @throws Error outside our kernel, and where a program runs the notebook, so that nobody could answer.
 *
 * @example
 * const guess = Number(await input('How many units will die? '));
 */
export async function input(prompt = '', options: InputOptions = {}): Promise<string> {
  const read = readOptions('input', options, inputOptions);
  const cell = runningCell();
  if (cell === undefined) throw new Error('input() needs a cell of the Sparselab kernel to ask in');
  return cell.input(prompt, read);
}
