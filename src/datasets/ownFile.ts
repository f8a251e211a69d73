import { platform } from '#platform';
import { show } from '../numbers/arguments';

/**
 * Reads a file that the user has put beside the notebook.
 *
 * @throws Error if there is none, with the names of those that are there
 */
export async function readOwnFile(path: string): Promise<Uint8Array> {
  try {
    return await platform.ownFiles.read(path);
  } catch (cause) {
    throw notThere(path, cause, await neighbours(path));
  }
}

/**
 * The files in a folder of the user's and in its folders, as paths from there.
 *
 * @throws Error if there is no such folder
 */
export async function listOwnFiles(folder: string): Promise<string[]> {
  try {
    return await platform.ownFiles.list(folder);
  } catch (cause) {
    throw notThere(folder, cause, '');
  }
}

function notThere(path: string, cause: unknown, rest: string): Error {
  const { code, message } = cause as { code?: string; message: string };
  const reason = code === 'ENOENT' ? `there is none${rest}` : message;
  return new Error(`${show(path)} must be a file or a folder beside the notebook; got: ${reason}`, { cause });
}

/** How many names an error lists. */
const LISTED = 10;

async function neighbours(path: string): Promise<string> {
  const slash = path.lastIndexOf('/');
  const folder = slash < 0 ? '.' : path.slice(0, slash);
  const paths = await platform.ownFiles.list(folder).catch((): string[] => []);
  // Lessons are no data.
  const names = paths.filter((name) => !name.includes('/') && !/^\.|\.ipynb$/.test(name));
  if (names.length === 0) return '';
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `, but ${names.slice(0, LISTED).join(', ')}${more}`;
}
