/**
 * The page's part of the kernel: a federated module of JupyterLite, which loads it as it is. It registers the kernel and hands
 * messages of Jupyter to a worker and back; it understands none of them.
 */
(() => {
  const NAME = 'sparselab-kernel';

  /** The site's files are next to this script. */
  const base = new URL('.', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;

  /**
   * @typedef {Record<string, Record<string, { get(): Promise<() => any> }>>} SharedScope
   * @typedef {{ kind: 'ready' } | { kind: 'stopped', number: number } | { kind: 'failed', reason: string } | { kind: 'message', message: any } | { kind: 'file', question: FileQuestion }} FromWorker
   * @typedef {{ number: number, want: 'read' | 'list', path: string }} FileQuestion
   */

  /** How long a stop may go unheard before a restart is offered, in milliseconds. */
  const PATIENCE_MS = 3000;

  /** The scope in which JupyterLite shares its modules. @type {SharedScope} */
  let shared = {};

  /** @param {string} name */
  async function load(name) {
    const [module] = Object.values(shared[name] ?? {});
    if (!module) throw new Error(`${NAME}: this page does not share ${name}`);
    return (await module.get())();
  }

  /** @typedef {{ readonly title: string, readonly body: string }} Trouble */

  /** A stop is not heard. @type {Trouble} */
  const DEAF = {
    title: 'The cell does not stop',
    body: 'The running code cannot be interrupted. A restart ends it: the notebook stays as it is, and its variables are gone.',
  };

  /** A part of the kernel did not come. @param {string} reason @returns {Trouble} */
  const unloaded = (reason) => ({
    title: 'The kernel could not be loaded',
    body: `Is there a connection? Restart the kernel to try again; the notebook stays as it is. (${reason})`,
  });

  /** A kernel as JupyterLite sees it. */
  class WorkerKernel {
    /**
     * @param {any} options
     * @param {any} Signal of Lumino
     * @param {any} contents the files of the file browser
     * @param {(kernel: WorkerKernel, trouble: Trouble) => void} onTrouble called when only a restart helps
     */
    constructor({ id, name, location, sendMessage }, Signal, contents, onTrouble) {
      this.id = id;
      this.name = name;
      this.location = location;
      this.isDisposed = false;
      this.disposed = new Signal(this);
      this.sendMessage = sendMessage;
      this.contents = contents;
      this.onTrouble = onTrouble;
      /** The open question to the user about it. @type {{ reject(): void } | undefined} */
      this.question = undefined;
      /** How often a stop was asked for, and heard. */
      this.stops = 0;
      this.heard = 0;
      this.worker = new Worker(`${base}kernel.js`, { name: 'sparselab' });
      this.ready = new Promise((resolve, reject) => {
        this.worker.onmessage = (/** @type {MessageEvent<FromWorker>} */ { data }) => {
          if (data.kind === 'message') this.forward(data.message);
          else if (data.kind === 'file') void this.answer(data.question);
          else if (data.kind === 'ready') {
            // Not before: a worker drops what arrives while it does not listen.
            this.worker.postMessage({ kind: 'start', next: this.signal() });
            resolve(undefined);
          } else if (data.kind === 'stopped') {
            this.heard = data.number;
            this.question?.reject();
          } else reject(new Error(data.reason));
        };
        this.worker.onerror = ({ message }) => reject(new Error(message || 'its script did not come'));
      });
      this.ready.catch(({ message }) => {
        if (!this.isDisposed) this.onTrouble(this, unloaded(message));
      });
    }

    /** A message of the worker's, to JupyterLite. @param {any} message */
    forward({ channel, header, parentHeader, metadata, json, buffers }) {
      const content = JSON.parse(json);
      this.sendMessage({ channel, header, parent_header: parentHeader, metadata, content, buffers });
    }

    /**
     * A message of JupyterLite's, to the worker. Returns at once: JupyterLite lets one call at a time through, and a
     * message for a comm must not wait for the cell that runs.
     * @param {any} message
     */
    async handleMessage({ channel, header, parent_header: parentHeader, metadata, content, buffers = [] }) {
      const message = {
        ...{ channel, header, parentHeader, metadata, json: JSON.stringify(content) },
        buffers: buffers.map((/** @type {ArrayBuffer | ArrayBufferView} */ buffer) =>
          ArrayBuffer.isView(buffer)
            ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
            : new Uint8Array(buffer),
        ),
      };
      this.worker.postMessage({ kind: 'message', message });
    }

    /** Reads what the file browser has at a path from the notebook's folder. @param {FileQuestion} question */
    async answer({ number, want, path }) {
      const place = [this.location, path].filter(Boolean).join('/');
      const found = await (want === 'read'
        ? readFile(this.contents, place).then((bytes) => ({ bytes }))
        : listFiles(this.contents, place).then((paths) => ({ paths }))
      ).catch(() => ({}));
      if (!this.isDisposed) this.worker.postMessage({ kind: 'file', answer: { number, ...found } });
    }

    /** The address by which the worker notices the next stop: it is revoked. */
    signal() {
      // Firefox looks for XML in other types.
      this.url = URL.createObjectURL(new Blob(['go'], { type: 'text/plain' }));
      return { number: this.stops + 1, url: this.url };
    }

    /** Stops what runs: by the address in a loop that never pauses, by a message otherwise. */
    interrupt() {
      URL.revokeObjectURL(/** @type {string} */ (this.url));
      this.stops++;
      const number = this.stops;
      this.worker.postMessage({ kind: 'interrupt', number, next: this.signal() });
      setTimeout(() => {
        if (!this.isDisposed && this.heard < number) this.onTrouble(this, DEAF);
      }, PATIENCE_MS);
    }

    dispose() {
      if (this.isDisposed) return;
      this.isDisposed = true;
      this.question?.reject();
      this.worker.terminate();
      URL.revokeObjectURL(/** @type {string} */ (this.url));
      this.disposed.emit();
    }
  }

  /** The bytes of a file as JupyterLite keeps it. @param {any} contents @param {string} path @returns {Promise<Uint8Array>} */
  async function readFile(contents, path) {
    const { format, content } = await contents.get(path, { content: true });
    if (format === 'base64') return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
  }

  /**
   * The files in a folder and in its folders, as paths from there.
   * @param {any} contents @param {string} folder @param {string} [inner] @returns {Promise<string[]>}
   */
  async function listFiles(contents, folder, inner = '') {
    const { content } = await contents.get([folder, inner].filter(Boolean).join('/'), { content: true });
    /** @type {string[][]} */
    const found = await Promise.all(
      content.map(async (/** @type {any} */ { name, type }) => {
        const path = inner ? `${inner}/${name}` : name;
        return type === 'directory' ? listFiles(contents, folder, path) : [path];
      }),
    );
    return found.flat().sort();
  }

  /** Asks whether to restart a kernel, for as long as its trouble lasts. @param {any} app @param {WorkerKernel} kernel @param {Trouble} trouble */
  async function offerRestart(app, kernel, { title, body }) {
    if (kernel.question) return;
    const { Dialog } = await load('@jupyterlab/apputils');
    const dialog = new Dialog({
      title,
      body,
      buttons: [
        Dialog.cancelButton({ label: 'Not now' }),
        Dialog.warnButton({ label: 'Restart the kernel' }),
      ],
    });
    kernel.question = dialog;
    const { button } = await dialog.launch();
    kernel.question = undefined;
    if (!button.accept) return;
    const panels = Array.from(/** @type {Iterable<any>} */ (app.shell.widgets('main')));
    const panel = panels.find(({ sessionContext }) => sessionContext?.session?.kernel?.id === kernel.id);
    await panel?.sessionContext.restartKernel();
  }

  /** JupyterLite's plugin. */
  async function plugin() {
    const { IKernelSpecs, IKernelClient } = await load('@jupyterlite/services');
    const { Signal } = await load('@lumino/signaling');
    return {
      id: `${NAME}:kernel`,
      autoStart: true,
      requires: [IKernelSpecs, IKernelClient],
      /** @param {any} app @param {any} specs @param {any} client */
      activate(app, specs, client) {
        /** @type {Map<string, WorkerKernel>} */
        const kernels = new Map();
        const spec = {
          ...{ name: 'tslab', display_name: 'TypeScript (Sparselab)', language: 'typescript' },
          ...{ argv: [], resources: {}, metadata: { debugger: false } },
        };
        const create = async (/** @type {any} */ options) => {
          const kernel = new WorkerKernel(options, Signal, app.serviceManager.contents, (...trouble) =>
            offerRestart(app, ...trouble),
          );
          kernels.set(kernel.id, kernel);
          return kernel;
        };
        specs.register({ spec, create });
        // JupyterLite 0.8.6 tells a kernel nothing of a stop: it only cancels what waits for its lock.
        const cancel = client.interrupt.bind(client);
        client.interrupt = async (/** @type {string} */ id) => {
          const kernel = kernels.get(id);
          if (kernel && !kernel.isDisposed) kernel.interrupt();
          else await cancel(id);
        };
      },
    };
  }

  const global = /** @type {{ _JUPYTERLAB?: Record<string, object> }} */ (/** @type {unknown} */ (window));
  global._JUPYTERLAB ??= {};
  global._JUPYTERLAB[NAME] = {
    /** @param {SharedScope} scope */
    init(scope) {
      shared = scope;
    },
    /** @param {string} name */
    async get(name) {
      if (name !== './extension') throw new Error(`${NAME} has no ${name}`);
      const extension = await plugin();
      return () => ({ __esModule: true, default: extension });
    },
  };
})();
