/**
 * Data files of the site. `npm run site` cuts them into pieces of half a megabyte and names each piece after its SHA-256. So any
 * server gives a large file piece by piece, which tells how far it is; a damaged piece is noticed before it is used; a piece that has
 * arrived is kept, and a lost connection costs no more than the one that was on its way; and no server takes the packed
 * bytes for something that it should unpack.
 *
 * @module
 */

import { sha256 } from './sha256';
import { storage } from './storage';

/** A file of the site, as `files.json` lists it. */
interface SiteFile {
  readonly bytes: number;
  /** The names of its pieces, in order. */
  readonly pieces: readonly string[];
}

/** How long a piece may take, in milliseconds. */
const PATIENCE_MS = 120_000;

/** The address of the page's or worker's own script: the site's files are next to it. */
declare const location: { readonly href: string };

/** The part of the page's own class that is used here; TypeScript's `dom` would bring all of a page's names into the library. */
declare const XMLHttpRequest: new () => {
  open(method: string, address: string, asynchronous: boolean): void;
  responseType: string;
  timeout: number;
  send(): void;
  readonly status: number;
  readonly response: unknown;
};

/** A file of the site did not come. */
class FetchError extends Error {
  override readonly name = 'FetchError';
  /** So that nobody takes it for a file that is not there. */
  readonly code = 'EFETCH';
}

let listed: ReadonlyMap<string, SiteFile> | undefined;

/** Whether the site has a file at this address. */
export const isSiteFile = (address: string): boolean => siteFiles().has(address);

/**
 * A file of the site; `undefined` if it has none at this address.
 *
 * @param onProgress Called after each piece with the number of bytes so far, and of all.
 * @throws FetchError if a piece does not come, or another one comes instead of it
 */
export function readSiteFile(
  address: string,
  onProgress?: (bytes: number, of: number) => void,
): Uint8Array | undefined {
  const file = siteFiles().get(address);
  if (file === undefined) return undefined;
  try {
    return joined(file, address, onProgress);
  } catch (error) {
    // A new version of the site may have come: then the list is another, too.
    listed = undefined;
    throw error;
  }
}

function joined(
  file: SiteFile,
  address: string,
  onProgress?: (bytes: number, of: number) => void,
): Uint8Array {
  const all = new Uint8Array(file.bytes);
  const name = address.split('/').at(-1) as string;
  let end = 0;
  for (const piece of file.pieces) {
    const place = addressOf(piece);
    const isRight = (bytes: Uint8Array) => piece.includes(sha256(bytes));
    let bytes = storage.read(place);
    if (bytes === undefined || !isRight(bytes)) {
      bytes = fetched(place, (reason) => problem(name, reason, { end, of: file.bytes }));
      if (!isRight(bytes)) throw problem(name, damage(bytes), { end, of: file.bytes });
      storage.write(place, bytes, { spare: true });
    }
    all.set(bytes, end);
    end += bytes.length;
    onProgress?.(end, file.bytes);
  }
  return all;
}

/** The files by their addresses. */
function siteFiles(): ReadonlyMap<string, SiteFile> {
  if (listed !== undefined) return listed;
  const name = 'files.json';
  const bytes = fetched(addressOf(name), (reason) => problem(name, reason));
  let files: Record<string, SiteFile>;
  try {
    files = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw problem(name, damage(bytes));
  }
  listed = new Map(Object.entries(files).map(([path, file]) => [addressOf(path), file]));
  // Pieces of earlier versions of the site are no longer of use.
  const pieces = new Set(Object.values(files).flatMap(({ pieces }) => pieces.map(addressOf)));
  const folder = addressOf('data/');
  for (const path of storage.paths) {
    if (path.startsWith(folder) && !pieces.has(path)) storage.remove(path);
  }
  return listed;
}

const addressOf = (path: string): string => new URL(path, location.href).href;

/** The bytes at an address. In a worker a request may wait; elsewhere no answer is bytes. */
function fetched(address: string, problem: (reason: string) => FetchError): Uint8Array {
  const request = new XMLHttpRequest();
  request.open('GET', address, false);
  request.responseType = 'arraybuffer';
  request.timeout = PATIENCE_MS;
  const begun = Date.now();
  try {
    request.send();
  } catch {
    if (Date.now() - begun >= PATIENCE_MS) throw problem('the server did not answer for two minutes');
    const { navigator } = globalThis as { navigator?: { onLine?: boolean } };
    throw problem(navigator?.onLine === false ? 'this device is offline' : 'the connection was lost');
  }
  const { status } = request;
  if (status === 404 || status === 410) {
    throw problem(`the server answered ${status}: the published site lacks a part of it`);
  }
  if (status !== 200) throw problem(`the server answered ${status}`);
  return new Uint8Array(request.response as ArrayBuffer);
}

/** The reason why bytes are not what they should be. */
function damage(bytes: Uint8Array): string {
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  if (/^<(!doctype|html|head|\?xml)/i.test(start)) {
    return 'a web page came instead, as networks with a login page send it: open this site in a new tab and log in';
  }
  return `what came (${bytes.length} bytes) does not have the right checksum`;
}

function problem(
  name: string,
  reason: string,
  { end, of }: { end: number; of: number } = { end: 0, of: 0 },
): FetchError {
  const kept = end > 0 ? `, after ${megabytes(end)} of ${megabytes(of)} MB, which are kept` : '';
  return new FetchError(`${name} could not be fetched${kept}: ${reason}. Run the cell again.`);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
