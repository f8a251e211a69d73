/**
 * What the live course has besides its kernel: new versions of notebooks are offered beside changed ones, the address names the
 * open notebook, the site is kept for use without a network, and a browser that stores nothing is named. A federated module of
 * JupyterLite, which loads it as it is; `npm run site` puts before it which version each notebook has.
 */
(() => {
  const NAME = 'sparselab-course';

  /** The live course lies three folders above this script. */
  const base = new URL('../../../', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;

  /** How long the page is left alone after its first cell, in milliseconds, before the rest of the site is fetched. */
  const QUIET_MS = 10_000;

  /** Below this width in pixels a notebook has no room beside the file browser. */
  const NARROW = 760;

  /** How long a notebook's toolbar does not measure itself again, in milliseconds. */
  const SETTLED_MS = 500;

  /**
   * @typedef {Record<string, Record<string, { get(): Promise<() => any> }>>} SharedScope
   * @typedef {{ _JUPYTERLAB?: Record<string, object>, SPARSELAB_NOTEBOOKS?: Record<string, string> }} Global
   */
  const global = /** @type {Global} */ (/** @type {unknown} */ (window));

  /** The versions of the site's notebooks by their paths. */
  const versions = global.SPARSELAB_NOTEBOOKS ?? {};

  /** @type {SharedScope} */
  let shared = {};

  /** @param {string} name */
  async function load(name) {
    const [module] = Object.values(shared[name] ?? {});
    if (!module) throw new Error(`${NAME}: this page does not share ${name}`);
    return (await module.get())();
  }

  /**
   * Offers the site's version of a notebook beside the changed one that the browser has.
   * @param {any} app @param {any} panel a notebook that is open @param {any} Notification
   */
  async function offerNewVersion(app, panel, Notification) {
    const { path, model } = panel.context;
    const version = versions[path];
    if (version === undefined || model.getMetadata('sparselab')?.version === version) return;
    const declined = `sparselab ${base} declined ${path}`;
    if (recall(declined) === version) return;
    const { contents } = app.serviceManager;
    const place = await freePlace(contents, path, version);
    if (place === undefined) return;
    const take = async () => {
      const response = await fetch(new URL(`files/${encodeURI(path)}`, base));
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const content = await response.json();
      await contents.save(place, { type: 'notebook', format: 'json', content });
      await app.commands.execute('docmanager:open', { path: place });
    };
    const failed = (/** @type {Error} */ { message }) =>
      Notification.error(`The new version could not be fetched: ${message}. Try again later.`);
    Notification.info(`There is a new version of ${path}. This is your copy; it stays as it is.`, {
      autoClose: false,
      actions: [
        { label: 'Open the new version, too', displayType: 'accent', callback: () => take().catch(failed) },
        { label: 'No, thanks', callback: () => remember(declined, version) },
      ],
    });
  }

  /**
   * A path beside a notebook that is not taken; `undefined` if the version is there already.
   * @param {any} contents @param {string} path @param {string} version
   */
  async function freePlace(contents, path, version) {
    for (let number = 1; ; number++) {
      const place = path.replace(/\.ipynb$/, ` (new version${number > 1 ? ` ${number}` : ''}).ipynb`);
      const found = await contents.get(place, { content: true }).catch(() => undefined);
      if (found === undefined) return place;
      if (found.content.metadata.sparselab?.version === version) return undefined;
    }
  }

  /**
   * Keeps the path of the notebook that is shown in the page's address, which JupyterLite takes out once it has opened it.
   * So a reload shows the same lesson, also where the browser stores nothing or has not yet stored what was open.
   * @param {any} tracker of notebooks
   */
  function keepAddress(tracker) {
    const show = () => {
      const address = new URL(location.href);
      address.searchParams.delete('path');
      const path = tracker.currentWidget?.context.path;
      if (path !== undefined) address.searchParams.set('path', path);
      history.replaceState(history.state, '', address);
    };
    const follow = (/** @type {any} */ panel) => panel.context.pathChanged.connect(show);
    tracker.forEach(follow);
    tracker.widgetAdded.connect((/** @type {any} */ _, /** @type {any} */ panel) => follow(panel));
    tracker.currentChanged.connect(show);
    show();
  }

  /** @param {string} key */
  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} value */
  function remember(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // It is asked again.
    }
  }

  /** Whether the browser stores nothing. @returns {Promise<boolean>} */
  async function isStorageRefused() {
    try {
      await new Promise((resolve, reject) => {
        const request = indexedDB.open(`sparselab ${base} trial`);
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      });
      return false;
    } catch {
      return true;
    }
  }

  /** Says that nothing is stored, if so. @param {any} app @param {any} Notification */
  async function warnOfRefusal(app, Notification) {
    const [isRefused] = await Promise.all([isStorageRefused(), app.restored]);
    if (!isRefused) return;
    // JupyterLab shows 140 letters.
    Notification.warning(
      'This browser stores nothing for this page: your changes will be gone when you leave it. To keep them, use File ▸ Download.',
      { autoClose: false },
    );
  }

  /**
   * Has a service worker keep the site, where there may be one; the large rest of it when the first cell has run.
   * @param {any} app @param {any} NotebookActions @param {any} Notification
   */
  async function keepSite(app, NotebookActions, Notification) {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    let registration;
    try {
      registration = await serviceWorker.register(new URL('../service-worker.js', base));
    } catch {
      return;
    }
    // A browser that is told to refuse them may say so with no registration.
    if (registration) offerReload(app, registration, Notification);
    const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
    if (connection?.saveData) return;
    const later = () => {
      NotebookActions.executed.disconnect(later);
      setTimeout(async () => (await serviceWorker.ready).active?.postMessage('keep all'), QUIET_MS);
    };
    NotebookActions.executed.connect(later);
  }

  /**
   * Says that a new version of the site is here, once it is, and changes to it if the reader wants it.
   * @param {any} app @param {ServiceWorkerRegistration} registration @param {any} Notification
   */
  async function offerReload(app, registration, Notification) {
    const { serviceWorker } = navigator;
    await Promise.all([isWaiting(registration), app.restored]);
    const offer = (/** @type {string} */ text) =>
      Notification.info(text, {
        autoClose: false,
        actions: [{ label: 'Reload', displayType: 'accent', callback: change }],
      });
    const change = async () => {
      for (const { context } of app.shell.widgets('main')) if (context?.model.dirty) await context.save();
      registration.waiting?.postMessage('take over');
    };
    serviceWorker.addEventListener('controllerchange', () => location.reload());
    serviceWorker.addEventListener('message', ({ data }) => {
      if (data === 'other tabs') offer('Close the other tabs of this site first: they need its old version.');
    });
    offer('There is a new version of this site. A reload keeps your notebooks, and restarts the kernel.');
  }

  /** Resolves when a new version waits for the end of the old one. @param {ServiceWorkerRegistration} registration */
  async function isWaiting(registration) {
    for (;;) {
      const { active, waiting, installing } = registration;
      if (active && waiting) return;
      const [target, event] = installing ? [installing, 'statechange'] : [registration, 'updatefound'];
      await new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
    }
  }

  async function plugins() {
    const { INotebookTracker, NotebookActions } = await load('@jupyterlab/notebook');
    const { Notification } = await load('@jupyterlab/apputils');
    return [
      {
        id: `${NAME}:versions`,
        autoStart: true,
        requires: [INotebookTracker],
        /** @param {any} app @param {any} tracker */
        activate(app, tracker) {
          tracker.widgetAdded.connect(async (/** @type {any} */ _, /** @type {any} */ panel) => {
            // Before that, nothing shows what is announced.
            await Promise.all([app.restored, panel.context.ready]);
            await offerNewVersion(app, panel, Notification);
          });
        },
      },
      {
        id: `${NAME}:address`,
        autoStart: true,
        requires: [INotebookTracker],
        /** @param {any} app @param {any} tracker */
        activate(app, tracker) {
          app.restored.then(() => keepAddress(tracker));
        },
      },
      {
        id: `${NAME}:phone`,
        autoStart: true,
        requires: [INotebookTracker],
        /** @param {any} app @param {any} tracker */
        activate(app, tracker) {
          if (window.innerWidth >= NARROW) return;
          // A reader who opens a notebook in the file browser, or comes back to one that was open, then reads the notebook.
          const makeRoom = (/** @type {any} */ { toolbar }) => {
            if (app.shell.leftCollapsed) return;
            app.shell.collapseLeft();
            // The toolbar has folded itself into what was left, and measures again when it is shown.
            setTimeout(() => {
              toolbar.hide();
              toolbar.show();
            }, SETTLED_MS);
          };
          tracker.widgetAdded.connect(async (/** @type {any} */ _, /** @type {any} */ panel) => {
            // Earlier the page would put its own layout in place of this one.
            await Promise.all([app.restored, panel.context.ready]);
            app.shell.mode = 'single-document';
            makeRoom(panel);
            panel.node.addEventListener('focusin', () => makeRoom(panel));
          });
          if (!new URLSearchParams(location.search).has('path')) return;
          // JupyterLab shows the path of the address in the file browser, which may be after its notebook has opened.
          const shown = async (/** @type {any} */ _, /** @type {any} */ { id, result }) => {
            if (id !== 'filebrowser:go-to-path') return;
            app.commands.commandExecuted.disconnect(shown);
            await result;
            const panel = tracker.currentWidget;
            if (panel) makeRoom(panel);
          };
          app.commands.commandExecuted.connect(shown);
        },
      },
      {
        id: `${NAME}:storage`,
        autoStart: true,
        /** @param {any} app */
        activate(app) {
          keepSite(app, NotebookActions, Notification);
          const saved = (/** @type {any} */ _, /** @type {any} */ { type }) => {
            if (type !== 'save') return;
            app.serviceManager.contents.fileChanged.disconnect(saved);
            // From now on there is something to lose when the browser makes room.
            navigator.storage?.persist?.();
          };
          app.serviceManager.contents.fileChanged.connect(saved);
          warnOfRefusal(app, Notification);
        },
      },
    ];
  }

  global._JUPYTERLAB ??= {};
  global._JUPYTERLAB[NAME] = {
    /** @param {SharedScope} scope */
    init(scope) {
      shared = scope;
    },
    /** @param {string} name */
    async get(name) {
      if (name !== './extension') throw new Error(`${NAME} has no ${name}`);
      const extension = await plugins();
      return () => ({ __esModule: true, default: extension });
    },
  };
})();
