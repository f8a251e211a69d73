import { platform } from '#platform';
import { sha256 as sha256Of } from '../provenance/sha256';

/** A data file as it must be. */
export interface ExpectedFile {
  readonly path: string;
  /** Its checksum, SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  /** Whether the file is compressed by gzip, and what is read, and checked, is what it unpacks to. */
  readonly gzipped?: boolean;
  /** The command that brings the right file back. */
  readonly remedy: string;
}

/**
 * Reads a data file whole, and refuses one that was altered or cut short: a lesson's numbers hold only for its data.
 *
 * @throws Error naming the file, what was expected, what was found, and the command that mends it
 */
export function readVerified({ path, sha256, gzipped = false, remedy }: ExpectedFile): Uint8Array {
  let bytes: Uint8Array;
  try {
    const read = platform.files.read(path);
    bytes = gzipped ? platform.gunzip(read) : read;
  } catch (cause) {
    const reason = (cause as { code?: string }).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new Error(
      `${path} must be there, with SHA-256 ${sha256}; got: ${reason}. To mend it, run: ${remedy}`,
      {
        cause,
      },
    );
  }
  const found = sha256Of(bytes);
  if (found !== sha256) {
    throw new Error(
      `${path} must have SHA-256 ${sha256}; got ${found} (${bytes.length} bytes). To mend it, run: ${remedy}`,
    );
  }
  return bytes;
}
