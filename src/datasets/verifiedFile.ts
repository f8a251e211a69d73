import { platform } from '#platform';
import { show } from '../numbers/arguments';
import { fileKind, isGzip } from '../numbers/fileKind';
import { runningCell } from '../page/cell';
import { sha256 as sha256Of } from '../provenance/sha256';
import { FetchProgress } from './fetchProgress';

/** A data file and its expected content. */
export interface ExpectedFile {
  readonly path: string;
  /** Its checksum, SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  /** How many bytes that checksum is of: unpacking stops there. */
  readonly size: number;
  /** Whether what is checked, and read, is what the file unpacks to; `either` unpacks it if it is compressed by gzip. */
  readonly gzipped?: boolean | 'either';
  /** How to restore the right file, as a sentence. */
  readonly remedy: string;
  /** The names of other files by their checksums, of which somebody may have put one here. */
  readonly others?: ReadonlyMap<string, string>;
}

/**
 * Reads a data file whole, and refuses one that was altered or cut short: a lesson's numbers hold only for its data.
 *
 * @throws Error naming the file, the expected content, the actual one, and the remedy
 */
export function readVerified(expected: ExpectedFile): Uint8Array {
  const { path, sha256, size, gzipped = false, remedy } = expected;
  let read: Uint8Array;
  const progress = new FetchProgress(path.split('/').at(-1) as string);
  try {
    read = platform.files.read(path, 0, progress.update);
  } catch (cause) {
    // A stop, or a network that says what is wrong.
    if (runningCell()?.signal.aborted || (cause as { code?: string }).code === 'EFETCH') throw cause;
    const reason = (cause as { code?: string }).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new Error(`${path} must be there, with SHA-256 ${sha256}; got: ${reason}. ${remedy}`, { cause });
  } finally {
    progress.clear();
  }
  let bytes: Uint8Array;
  try {
    const unpack = gzipped === 'either' ? isGzip(read) : gzipped;
    bytes = unpack ? unpacked(read, size) : read;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(`${path} must unpack to bytes with SHA-256 ${sha256}; got: ${reason}. ${remedy}`, {
      cause,
    });
  }
  const found = sha256Of(bytes);
  if (found !== sha256) {
    const what = instead(bytes, found, expected);
    throw new Error(
      `${path} must have SHA-256 ${sha256}; got ${found} (${bytes.length} bytes)${what}. ${remedy}`,
    );
  }
  return bytes;
}

function unpacked(bytes: Uint8Array, size: number): Uint8Array {
  if (!isGzip(bytes)) throw new Error(fileKind(bytes) ?? 'it is not compressed by gzip');
  try {
    return platform.gunzip(bytes, size);
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new Error(`it unpacks to more than ${size} bytes`, { cause });
    if (code === 'Z_BUF_ERROR') throw new Error('it was cut short', { cause });
    throw new Error(`it cannot be unpacked, ${message}`, { cause });
  }
}

/** A description of the wrong content, as the end of a sentence. */
function instead(bytes: Uint8Array, found: string, { size, others }: ExpectedFile): string {
  const other = others?.get(found);
  if (other !== undefined) return `: it is ${other}`;
  // Some of our own are checked as they are packed.
  const kind = isGzip(bytes) ? undefined : fileKind(bytes);
  if (kind !== undefined) return `: ${kind}`;
  if (bytes.length < size) return `: the original has ${size}, it was cut short or is another file`;
  return bytes.length > size ? `: the original has ${size}` : '';
}

/** The remedy for a file that is ours: the command that brings it back. */
export const byCommand = (command: string): string => `To fix it, run: ${command}`;

/** The names of the files in a folder, for a person. */
export function filesIn(folder: string): string {
  try {
    const names = platform.files.list(folder).map(({ name }) => name);
    return names.length > 0 ? `the folder holds ${show(names)}` : 'the folder holds no files';
  } catch {
    return 'there is no such folder';
  }
}
