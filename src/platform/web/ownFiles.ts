import type { OwnFiles } from '../platform';
import { files } from './files';

/** The global name under which the kernel offers the files of the page's file browser. */
const OWN_FILES = Symbol.for('sparselab.ownFiles');

/** A kernel's offer. It gives `undefined` for what is not there. */
interface Offer {
  read(path: string): Promise<Uint8Array | undefined>;
  list(folder: string): Promise<string[] | undefined>;
}

const offer = (): Offer | undefined => (globalThis as { [OWN_FILES]?: Offer })[OWN_FILES];

/** Files of the page's file browser, and those that cells have written. */
export const ownFiles: OwnFiles = {
  async read(path) {
    const written = files.join(path);
    if (files.exists(written)) return files.read(written);
    return (await offer()?.read(written)) ?? missing(path);
  },
  list: async (folder) => (await offer()?.list(files.join(folder))) ?? missing(folder),
};

function missing(path: string): never {
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
}
