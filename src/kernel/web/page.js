/**
 * The page's part of the kernel: a federated module of JupyterLite, which loads it as it is. It registers the kernel and hands
 * messages of Jupyter to a worker and back; it understands none of them.
 */
(() => {
  const NAME = 'sparselab-kernel';

  /** The site's files lie beside this script. */
  const base = new URL('.', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;

  /**
   * @typedef {Record<string, Record<string, { get(): Promise<() => any> }>>} SharedScope
   * @typedef {{ kind: 'ready' } | { kind: 'failed', reason: string } | { kind: 'message', message: any }} FromWorker
   */

  /** What JupyterLite's own modules are shared by. @type {SharedScope} */
  let shared = {};

  /** @param {string} name */
  async function load(name) {
    const [module] = Object.values(shared[name] ?? {});
    if (!module) throw new Error(`${NAME}: this page does not share ${name}`);
    return (await module.get())();
  }

  /** A kernel as JupyterLite sees it. */
  class WorkerKernel {
    /** @param {any} options @param {any} Signal of Lumino */
    constructor({ id, name, location, sendMessage }, Signal) {
      this.id = id;
      this.name = name;
      this.location = location;
      this.isDisposed = false;
      this.disposed = new Signal(this);
      this.sendMessage = sendMessage;
      this.worker = new Worker(`${base}kernel.js`, { name: 'sparselab' });
      this.ready = new Promise((resolve, reject) => {
        this.worker.onmessage = (/** @type {MessageEvent<FromWorker>} */ { data }) => {
          if (data.kind === 'message') this.forward(data.message);
          else if (data.kind === 'ready') resolve(undefined);
          else reject(new Error(data.reason));
        };
        this.worker.onerror = ({ message }) => reject(new Error(message));
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

    interrupt() {
      this.worker.postMessage({ kind: 'interrupt' });
    }

    dispose() {
      if (this.isDisposed) return;
      this.isDisposed = true;
      this.worker.terminate();
      this.disposed.emit();
    }
  }

  /** JupyterLite's plugin. */
  async function plugin() {
    const { IKernelSpecs, IKernelClient } = await load('@jupyterlite/services');
    const { Signal } = await load('@lumino/signaling');
    return {
      id: `${NAME}:kernel`,
      autoStart: true,
      requires: [IKernelSpecs, IKernelClient],
      /** @param {any} _app @param {any} specs @param {any} client */
      activate(_app, specs, client) {
        /** @type {Map<string, WorkerKernel>} */
        const kernels = new Map();
        const spec = {
          ...{ name: 'tslab', display_name: 'TypeScript (Sparselab)', language: 'typescript' },
          ...{ argv: [], resources: {}, metadata: { debugger: false } },
        };
        const create = async (/** @type {any} */ options) => {
          const kernel = new WorkerKernel(options, Signal);
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
