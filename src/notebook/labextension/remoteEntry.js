/**
 * The renderer that JupyterLab 4 and Notebook 7 load for Plotly figures and unit panels: a federated module, written by hand so
 * that it needs no bundler. It runs in the browser as it stands here; `installRenderer.ts` copies it next to plotly.js, with
 * `unitPanel.js` in front of it.
 *
 * Reference: "Prebuilt Extensions" in JupyterLab's documentation; `IRenderMime` in `@jupyterlab/rendermime-interfaces`.
 */
(() => {
  /**
   * @typedef {{ data: object[], layout?: object, config?: object }} PlotlyFigure
   * @typedef {{ data: Record<string, unknown> }} MimeModel
   * @typedef {{
   *   react(node: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>,
   *   purge(node: HTMLElement): void,
   *   Plots: { resize(node: HTMLElement): unknown },
   * }} Plotly
   * @typedef {new () => { node: HTMLElement, isDisposed: boolean, addClass(name: string): void, dispose(): void }} WidgetClass
   */

  const NAME = 'sparselab-plotly';
  const MIME_TYPE = 'application/vnd.plotly.v1+json';
  const UNITS_TYPE = 'application/vnd.sparselab.units+json';

  // Known only while this script runs for the first time: the address that plotly.js lies next to.
  const scriptUrl = /** @type {HTMLScriptElement} */ (document.currentScript).src;

  /** @type {Promise<Plotly> | undefined} */
  let loading;

  /** plotly.js, loaded once a page and only when the first figure needs it: it is 10 MB. */
  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL('plotly.js', scriptUrl).href;
      script.onload = () => resolve(/** @type {any} */ (window).Plotly);
      script.onerror = () => {
        loading = undefined; // The next figure tries again.
        reject(new Error(`plotly.js could not be loaded from ${script.src}; npm start installs it again`));
      };
      document.head.append(script);
    });
    return loading;
  }

  /**
   * The figure in a MIME bundle, as a copy: plotly.js writes into what it is given, which the notebook would save.
   *
   * @param {MimeModel} model
   * @returns {PlotlyFigure}
   */
  function figureOf(model) {
    const figure = /** @type {Partial<PlotlyFigure> | undefined} */ (model.data[MIME_TYPE]);
    if (!Array.isArray(figure?.data)) {
      throw new Error(
        `${MIME_TYPE} must be an object with a list of traces, "data"; got ${JSON.stringify(figure)?.slice(0, 200)}`,
      );
    }
    return structuredClone(/** @type {PlotlyFigure} */ (figure));
  }

  /**
   * The widget that draws figures, as a subclass of JupyterLab's own Widget.
   *
   * @param {WidgetClass} Widget
   */
  function figureWidget(Widget) {
    return class FigureWidget extends Widget {
      /** The node that plotly.js draws in; it stays the same from the first frame to the last. */
      #plot = document.createElement('div');
      #problem = document.createElement('pre');
      /** @type {PlotlyFigure | undefined} The newest figure that is not drawn yet. */
      #next;
      /** @type {Promise<void> | undefined} */
      #drawing;
      /** @type {Plotly | undefined} */
      #plotly;
      #resizes = new ResizeObserver(() => this.#fit());

      constructor() {
        super();
        this.addClass(NAME);
        this.node.style.overflow = 'hidden';
        // Read out, and red in every theme.
        this.#problem.setAttribute('role', 'alert');
        this.#problem.style.cssText = 'color: var(--jp-error-color1, #b00020); white-space: pre-wrap';
        this.#problem.hidden = true;
        this.node.append(this.#plot, this.#problem);
        this.#resizes.observe(this.node);
      }

      /**
       * Draws a figure, or changes the one drawn into another. JupyterLab calls it again when an update arrives; frames that
       * come faster than they are drawn are left out, never the last.
       *
       * @param {MimeModel} model
       */
      async renderModel(model) {
        try {
          this.#next = figureOf(model);
          this.#drawing ??= this.#draw().finally(() => {
            this.#drawing = undefined;
          });
          await this.#drawing;
          this.#show(undefined);
        } catch (error) {
          this.#show(error instanceof Error ? error.message : String(error));
        }
      }

      async #draw() {
        this.#plotly = await loadPlotly();
        while (this.#next && !this.isDisposed) {
          const { data, layout = {}, config = {} } = this.#next;
          this.#next = undefined;
          await this.#plotly.react(this.#plot, data, layout, config);
        }
      }

      /** @param {string | undefined} problem */
      #show(problem) {
        this.#problem.hidden = problem === undefined;
        this.#problem.textContent = problem === undefined ? '' : `This figure cannot be drawn: ${problem}`;
        this.#plot.hidden = problem !== undefined;
      }

      /** Fits the figure to the panel, unless there is none yet or nothing of it is to be seen. */
      #fit() {
        if (this.#plot.classList.contains('js-plotly-plot') && this.#plot.offsetWidth > 0) {
          this.#plotly?.Plots.resize(this.#plot);
        }
      }

      /** @override */
      dispose() {
        if (this.isDisposed) return;
        this.#resizes.disconnect();
        this.#plotly?.purge(this.#plot);
        super.dispose();
      }
    };
  }

  /**
   * The widget that shows unit panels.
   *
   * @param {WidgetClass} Widget
   */
  function unitsWidget(Widget) {
    return class UnitsWidget extends Widget {
      /** @type {(data: unknown) => Promise<void>} */
      #show;

      constructor() {
        super();
        this.addClass('sparselab-units');
        this.#show = /** @type {any} */ (window).sparselabUnitPanel(this.node);
      }

      /** @param {MimeModel} model */
      async renderModel(model) {
        await this.#show(model.data[UNITS_TYPE]);
      }
    };
  }

  /**
   * @param {WidgetClass} Widget
   * @returns what JupyterLab calls MIME extensions
   */
  function mimeExtensions(Widget) {
    const FigureWidget = figureWidget(Widget);
    const UnitsWidget = unitsWidget(Widget);
    return [
      {
        id: `${NAME}:figures`,
        rank: 0,
        dataType: 'json',
        rendererFactory: {
          // It shows data and runs no script from the notebook.
          safe: true,
          mimeTypes: [MIME_TYPE],
          createRenderer: () => new FigureWidget(),
        },
      },
      {
        id: `${NAME}:units`,
        // Before the figure that replaces a panel in pages without panels.
        rank: -1,
        dataType: 'json',
        rendererFactory: { safe: true, mimeTypes: [UNITS_TYPE], createRenderer: () => new UnitsWidget() },
      },
    ];
  }

  /** @type {Record<string, Record<string, { get(): Promise<() => { Widget: WidgetClass }> }>>} */
  let shared = {};

  const page = /** @type {{ _JUPYTERLAB?: Record<string, unknown> }} */ (/** @type {unknown} */ (window));
  page._JUPYTERLAB ??= {};
  page._JUPYTERLAB[NAME] = {
    /** @param {typeof shared} scope What the page's modules share: each package's versions. */
    init(scope) {
      shared = scope;
    },
    /** @param {string} name A module of ours, as package.json names it. */
    async get(name) {
      if (name !== './mimeExtension') throw new Error(`${NAME} has no module ${name}`);
      const [widgets] = Object.values(shared['@lumino/widgets'] ?? {});
      if (!widgets) throw new Error(`${NAME} needs @lumino/widgets; this page does not share it`);
      const { Widget } = (await widgets.get())();
      return () => mimeExtensions(Widget);
    },
  };
})();
