/**
 * Keeps the site in the browser, so that it opens without a network. `npm run site` puts before it which files the site has, each
 * with the beginning of its SHA-256, and which are too large to be fetched before somebody asks for them.
 *
 * A file is kept under its hash, and given out only under the hash that this version of the site has for it. So no page ever sees two
 * versions: a new version's service worker waits until no tab of the old one is open, and fetches what has changed meanwhile.
 */
(() => {
  /**
   * @typedef {{ respondWith(response: Promise<Response>): void, waitUntil(work: Promise<unknown>): void, request: Request, data: unknown, source: Client }} WorkerEvent
   * @typedef {{ url: string, postMessage(message: string): void }} Client
   * @typedef {{ active: object | null, installing: object | null, waiting: object | null, scope: string, update(): Promise<unknown> }} Registration
   * @typedef {{ claim(): Promise<void>, matchAll(options: object): Promise<Client[]> }} Clients
   * @typedef {{ files: Record<string, string>, large: string[] }} Site
   */
  const worker =
    /** @type {{ SPARSELAB_SITE: Site, registration: Registration, clients: Clients, skipWaiting(): Promise<void>, addEventListener(type: string, listener: (event: WorkerEvent) => void): void }} */ (
      /** @type {unknown} */ (self)
    );
  const { files, large } = worker.SPARSELAB_SITE;
  const { registration } = worker;
  const CACHE = `sparselab ${registration.scope}`;

  /** The address under which a file is kept. @param {string} path */
  const keyOf = (path) => `${registration.scope}kept/${files[path]}${/\.\w+$/.exec(path)?.[0] ?? ''}`;

  worker.addEventListener('install', (event) => {
    // The first time nothing is in a hurry; later the old version stays until the new one is complete.
    if (registration.active) event.waitUntil(keepAll());
  });

  worker.addEventListener('activate', (event) => {
    event.waitUntil(removeOthers().then(() => worker.clients.claim()));
  });

  worker.addEventListener('message', (event) => {
    // A file that does not come now is fetched when it is asked for.
    if (event.data === 'keep all') event.waitUntil(keepAll().catch(() => {}));
    if (event.data === 'take over') event.waitUntil(takeOver(event.source));
  });

  worker.addEventListener('fetch', (event) => {
    const path = pathOf(event.request);
    if (path !== undefined) event.respondWith(answer(path));
  });

  /** The file of the site that a request means; `undefined` if none. @param {Request} request */
  function pathOf({ method, url }) {
    const address = new URL(url);
    const place = `${address.origin}${address.pathname}`;
    if (method !== 'GET' || !place.startsWith(registration.scope)) return undefined;
    const path = decodeURIComponent(place.slice(registration.scope.length)).replace(
      /(^|\/)$/,
      '$1index.html',
    );
    return Object.hasOwn(files, path) ? path : undefined;
  }

  /** @param {string} path */
  async function answer(path) {
    const kept = await (await caches.open(CACHE)).match(keyOf(path));
    return kept ?? fetchAndKeep(path);
  }

  /** Fetches a file, and keeps it if it is this version's. @param {string} path @returns {Promise<Response>} */
  async function fetchAndKeep(path) {
    const address = registration.scope + path;
    let response = await fetch(address);
    if (!response.ok) return response;
    let bytes = await response.arrayBuffer();
    if ((await hashOf(bytes)) !== files[path]) {
      // An old one that the browser still had.
      response = await fetch(address, { cache: 'reload' });
      if (!response.ok) return response;
      bytes = await response.arrayBuffer();
    }
    const isRight = (await hashOf(bytes)) === files[path];
    if (!isRight && (await isOutdated())) return Response.error();
    const type = response.headers.get('Content-Type');
    const whole = new Response(bytes, { headers: type === null ? {} : { 'Content-Type': type } });
    // Another file than was published may have been put there by hand: it is shown, and not kept.
    if (isRight) await keep(path, whole.clone());
    return whole;
  }

  /** @param {string} path @param {Response} response */
  async function keep(path, response) {
    try {
      await (await caches.open(CACHE)).put(keyOf(path), response);
    } catch {
      // There is no room: the file comes from the network each time.
    }
  }

  /** Whether the server has another version of the site by now. */
  async function isOutdated() {
    await registration.update().catch(() => {});
    return registration.installing !== null || registration.waiting !== null;
  }

  /** Fetches what is not here yet of all that the live course needs, one file after another. */
  async function keepAll() {
    const cache = await caches.open(CACHE);
    const skipped = new Set(large);
    for (const path of Object.keys(files)) {
      if (!path.startsWith('live/') || skipped.has(path) || (await cache.match(keyOf(path)))) continue;
      const { ok } = await fetchAndKeep(path);
      if (!ok) throw new Error(`${path} does not come`);
    }
  }

  /** Replaces the old version at once for the tab that asks, unless others still need it. @param {Client} asking */
  async function takeOver(asking) {
    const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const tabs = windows.filter(({ url }) => url.startsWith(registration.scope));
    if (tabs.length > 1) asking.postMessage('other tabs');
    else await worker.skipWaiting();
  }

  /** Removes what other versions have left. */
  async function removeOthers() {
    const cache = await caches.open(CACHE);
    const own = new Set(Object.keys(files).map(keyOf));
    for (const request of await cache.keys()) if (!own.has(request.url)) await cache.delete(request);
  }

  /** @param {ArrayBuffer} bytes */
  async function hashOf(bytes) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
})();
