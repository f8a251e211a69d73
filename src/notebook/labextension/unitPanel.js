/**
 * The unit panel in a page: a bar for each hidden unit, and all about the one that is chosen. JupyterLab and the course's
 * pages load this file; it knows neither, and needs nothing but the data that `src/plots/unitPanel.ts` describes.
 *
 * It lives in a shadow root, so that neither the page's style nor its keyboard shortcuts reach in.
 */
(() => {
  /**
   * @typedef {{ src: string, columns: number, height: number, width: number }} Sheet
   * @typedef {'silent' | 'always on' | 'on target' | 'other'} State
   * @typedef {{ mean: number, max: number, activationFrequency: number, state: State, largestWeight: number, top: [number, number][] }} Unit
   * @typedef {{ target?: number, inputs: number, threshold: number, units: Unit[], weights: Sheet, pictures?: Sheet, labels?: string[] }} Panel
   * @typedef {Panel & { images: { weights: HTMLImageElement, pictures: HTMLImageElement | undefined } }} Loaded
   * @typedef {keyof typeof ORDERS} Order
   */

  const STYLE = `
    :host {
      --ink: var(--jp-content-font-color1, #1f2328);
      --quiet: var(--jp-content-font-color2, #57606a);
      --line: var(--jp-border-color1, #d0d7de);
      --chosen: var(--jp-layout-color3, #dde3ea);
      display: block;
      padding: 0.5em 0.75em 0.75em 0;
      color: var(--ink);
      font: 13px / 1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }
    [hidden] { display: none !important; }
    .controls, .legend, .unit, .inputs { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3em 1.2em; }
    .controls { justify-content: space-between; }
    h3 { margin: 0; font-size: 1.15em; font-weight: 600; }
    select { max-width: 100%; font: inherit; color: inherit; background: var(--jp-layout-color1, #fff); border: 1px solid var(--line); border-radius: 4px; padding: 2px 4px; }
    .legend { color: var(--quiet); margin: 0.2em 0 0.5em; }
    .legend span::before { content: ""; display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.4em; border-radius: 2px; background: var(--state); }
    .silent { --state: #cc79a7; }
    .always-on { --state: #d55e00; }
    .on-target { --state: #009e73; }
    .other { --state: #3a8fc4; }
    .chart { display: grid; grid-template-columns: auto minmax(0, 1fr); column-gap: 6px; }
    .scale { display: flex; flex-direction: column; justify-content: space-between; height: 150px; text-align: right; color: var(--quiet); font-size: 11px; line-height: 1; }
    .frame { position: relative; min-width: 0; }
    .bars { display: flex; overflow-x: auto; border-radius: 3px; outline-offset: 2px; cursor: pointer; }
    .bar { flex: 1 0 3px; max-width: 24px; padding: 0 min(1px, 0.1em); }
    @media (pointer: coarse) { .bar { flex-basis: 14px; } }
    .bar::before, .bar::after { content: ""; display: block; background: var(--state); }
    .bar::before { height: 150px; clip-path: inset(calc(100% - var(--height)) 0 0 0); }
    .bar::after { height: 4px; margin-top: 2px; }
    .bar:hover { background: color-mix(in srgb, var(--chosen) 55%, transparent); }
    .bar[aria-selected="true"] { background: var(--chosen); box-shadow: 0 0 0 1px var(--ink); }
    .target { position: absolute; left: 0; right: 0; height: 0; border-top: 1.5px dashed var(--ink); pointer-events: none; }
    .target span { position: absolute; right: 2px; bottom: 1px; padding: 0 3px; font-size: 11px; background: var(--jp-layout-color0, #fff); opacity: 0.85; }
    .unit { align-items: flex-start; gap: 0.6em 1.5em; margin-top: 0.9em; }
    .about { flex: 1 1 12em; }
    .about p { margin: 0.15em 0; }
    .quiet { color: var(--quiet); }
    figure { margin: 0; text-align: center; font-size: 12px; color: var(--quiet); }
    canvas { display: block; image-rendering: pixelated; border: 1px solid var(--line); }
    .inputs { flex: 1 1 100%; gap: 0.5em; align-items: flex-start; }
    .problem { color: var(--jp-error-color1, #b00020); white-space: pre-wrap; }
  `;

  /** The orders that the reader can choose: the label, and one number per unit, the smallest first. */
  const ORDERS = {
    mean: { words: 'mean, busiest first', key: (/** @type {Unit} */ { mean }) => -mean },
    number: { words: 'number', key: () => 0 },
    distance: {
      words: 'distance from ρ, farthest first',
      key: (/** @type {Unit} */ { mean }, /** @type {number} */ target) => -Math.abs(mean - target),
    },
    fraction: {
      words: 'how often active',
      key: (/** @type {Unit} */ { activationFrequency }) => -activationFrequency,
    },
  };

  /** A logarithmic scale goes so far below its top. */
  const DECADES = 3;

  /** Sides of the pictures on the page, in its pixels. */
  const [WEIGHTS_SIDE, INPUT_SIDE] = [132, 62];

  /**
   * An element with its properties and children.
   *
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {Record<string, string>} [attributes]
   * @param {(Node | string)[]} children
   * @returns {HTMLElementTagNameMap[T]}
   */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** @param {number} value */
  const short = (value) => String(Number(value.toPrecision(3)));

  /** @param {number} value The next of 1, 2, 5, 10, 20, …: a scale that seldom changes while the bars do. */
  function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(value));
    return power * /** @type {number} */ ([1, 2, 5, 10].find((step) => step * power >= value));
  }

  /** @param {Sheet} sheet */
  async function load({ src }) {
    const image = new Image();
    image.src = src;
    await image.decode();
    return image;
  }

  class UnitPanel {
    /** @type {Loaded | undefined} */
    #panel;
    /** The newest data that came; older ones that are still loading are dropped. */
    #newest = 0;
    /** @type {number | undefined} The unit that is chosen; it stays chosen while others move. */
    #chosen;
    /** @type {HTMLElement[]} One a unit, by its number. */
    #bars = [];
    /** @type {number[]} The units as they stand. */
    #order = [];

    #title = element('h3');
    #sort = element('select');
    #log = element('input', { type: 'checkbox' });
    #legend = element('div', { class: 'legend' });
    #scaleTop = element('span');
    #scaleBottom = element('span');
    #list = element('div', {
      class: 'bars',
      role: 'listbox',
      tabindex: '0',
      'aria-orientation': 'horizontal',
    });
    #line = element('div', { class: 'target' }, element('span'));
    #unit = element('div', { class: 'unit' });
    #content;
    #problem = element('div', { class: 'problem', role: 'alert', hidden: '' });

    /** @param {HTMLElement} host */
    constructor(host) {
      this.#content = element(
        'div',
        {},
        element(
          'div',
          { class: 'controls' },
          this.#title,
          element(
            'span',
            { class: 'controls' },
            element('label', {}, 'sort by ', this.#sort),
            element('label', {}, this.#log, ' logarithmic'),
          ),
        ),
        this.#legend,
        element(
          'div',
          { class: 'chart' },
          element('div', { class: 'scale', 'aria-hidden': 'true' }, this.#scaleTop, this.#scaleBottom),
          element('div', { class: 'frame' }, this.#list, this.#line),
        ),
        this.#unit,
      );
      host.attachShadow({ mode: 'open' }).append(element('style', {}, STYLE), this.#content, this.#problem);
      this.#list.setAttribute('aria-label', 'Hidden units by their mean activation');
      this.#sort.addEventListener('change', () => this.#draw());
      this.#log.addEventListener('change', () => this.#draw());
      this.#list.addEventListener('click', ({ target }) => {
        const unit = this.#bars.indexOf(/** @type {HTMLElement} */ (target));
        if (unit >= 0) this.#choose(unit);
      });
      this.#list.addEventListener('keydown', (event) => this.#onKey(event));
    }

    /**
     * Shows the data, or changes what is shown into them: the reader's order and unit stay.
     *
     * @param {unknown} data
     */
    async show(data) {
      const number = ++this.#newest;
      try {
        const panel = /** @type {Panel} */ (data);
        if (!Array.isArray(panel?.units) || panel.units.length === 0) {
          throw new Error(`its data must have a list of units; got ${JSON.stringify(data)?.slice(0, 200)}`);
        }
        // The old pictures stay until the new ones are there, so that nothing flickers.
        const [weights, pictures] = await Promise.all([
          load(panel.weights),
          panel.pictures && load(panel.pictures),
        ]);
        if (number !== this.#newest) return;
        this.#panel = { ...panel, images: { weights, pictures } };
        this.#draw();
        this.#say(undefined);
      } catch (error) {
        if (number === this.#newest) this.#say(error instanceof Error ? error.message : String(error));
      }
    }

    /** @param {string | undefined} problem */
    #say(problem) {
      this.#problem.hidden = problem === undefined;
      this.#content.hidden = problem !== undefined;
      this.#problem.textContent = problem === undefined ? '' : `This unit panel cannot be drawn: ${problem}`;
    }

    #draw() {
      const panel = this.#panel;
      if (panel === undefined) return;
      this.#title.textContent = `Mean activation of ${panel.units.length} hidden units`;
      this.#drawOrders(panel);
      this.#drawLegend(panel);
      this.#drawBars(panel);
      this.#choose(
        this.#chosen !== undefined && this.#chosen < panel.units.length
          ? this.#chosen
          : (this.#order[0] ?? 0),
      );
    }

    /** @param {Panel} panel */
    #drawOrders({ target }) {
      const possible = Object.entries(ORDERS).filter(([name]) => name !== 'distance' || target !== undefined);
      if (this.#sort.options.length === possible.length) return;
      const before = this.#sort.value;
      this.#sort.replaceChildren(
        ...possible.map(([value, { words }]) => element('option', { value }, words)),
      );
      this.#sort.value = possible.some(([name]) => name === before) ? before : 'mean';
    }

    /** @param {Panel} panel */
    #drawLegend({ units, target, inputs }) {
      const words = {
        silent: 'silent',
        'always on': 'always on',
        'on target': `from half to twice ρ = ${short(target ?? 0)}`,
        other: target === undefined ? 'others' : 'elsewhere',
      };
      const entries = Object.entries(words).map(([state, word]) => {
        const count = units.filter((unit) => unit.state === state).length;
        return count > 0 ? [element('span', { class: state.replace(' ', '-') }, `${count} ${word}`)] : [];
      });
      this.#legend.replaceChildren(...entries.flat(), `for ${inputs.toLocaleString('en')} inputs`);
    }

    /** @param {Panel} panel */
    #drawBars({ units, target }) {
      const top = roundUp(Math.max(...units.map(({ mean }) => mean), 1.2 * (target ?? 0)) || 1);
      const log = this.#log.checked;
      const position = (/** @type {number} */ mean) => {
        const fraction = log ? 1 + Math.log10(mean / top) / DECADES : mean / top;
        return mean > 0 ? 100 * Math.max(0, fraction) : 0;
      };
      this.#scaleTop.textContent = short(top);
      this.#scaleBottom.textContent = log ? short(top / 10 ** DECADES) : '0';
      this.#line.hidden = target === undefined;
      this.#line.style.top = `${1.5 * (100 - position(target ?? 0))}px`;
      /** @type {HTMLElement} */ (this.#line.firstChild).textContent = `ρ = ${short(target ?? 0)}`;

      while (this.#bars.length < units.length) {
        this.#bars.push(element('div', { role: 'option', id: `unit-${this.#bars.length}` }));
      }
      this.#bars.length = units.length;
      for (const [unit, { mean, state }] of units.entries()) {
        const bar = /** @type {HTMLElement} */ (this.#bars[unit]);
        bar.className = `bar ${state.replace(' ', '-')}`;
        bar.style.setProperty('--height', `${position(mean)}%`);
        bar.title = `unit ${unit}: mean ${short(mean)}${state === 'other' ? '' : `, ${state}`}`;
      }
      const { key } = ORDERS[/** @type {Order} */ (this.#sort.value)];
      const keys = units.map((unit) => key(unit, target ?? 0));
      const order = [...units.keys()].sort(
        (a, b) => /** @type {number} */ (keys[a]) - /** @type {number} */ (keys[b]),
      );
      if (order.length === this.#order.length && order.every((unit, place) => unit === this.#order[place]))
        return;
      this.#order = order;
      this.#list.replaceChildren(...order.map((unit) => /** @type {HTMLElement} */ (this.#bars[unit])));
    }

    /** @param {number} unit */
    #choose(unit) {
      this.#chosen = unit;
      for (const [index, bar] of this.#bars.entries())
        bar.setAttribute('aria-selected', String(index === unit));
      this.#list.setAttribute('aria-activedescendant', `unit-${unit}`);
      if (this.#panel) this.#drawUnit(this.#panel, unit);
    }

    /**
     * @param {Loaded} panel
     * @param {number} number
     */
    #drawUnit({ units, target, inputs, threshold, weights, pictures, labels, images }, number) {
      const { mean, max, activationFrequency, state, largestWeight, top } = /** @type {Unit} */ (
        units[number]
      );
      const busier = units.filter((unit) => unit.mean > mean).length;
      const paragraph = (/** @type {string} */ text, /** @type {string} */ kind = '') =>
        element('p', { class: kind }, text);
      const about = element(
        'div',
        { class: 'about' },
        element('h3', {}, `Unit ${number}${state === 'other' ? '' : `, ${state}`}`),
        paragraph(
          `mean ${short(mean)}${target === undefined ? '' : `, ${short(mean / target)} × ρ`}; rank ${busier + 1} of ${units.length}`,
        ),
        paragraph(
          `${threshold === 0 ? 'active' : `above ${threshold}`} for ${short(100 * activationFrequency)} % of the inputs; at most ${short(max)}`,
        ),
        paragraph(
          `Left, its weights: red counts for it, blue against it; full colour is ${short(largestWeight)}.`,
          'quiet',
        ),
        paragraph(
          top.length > 0
            ? `Below, the inputs that excite it most, of ${inputs.toLocaleString('en')}.`
            : 'No input excites it.',
          'quiet',
        ),
      );
      const excite = top.map(([picture, activation]) => {
        const label = labels?.[picture];
        const words = `${label === undefined ? '' : `‘${label}’ `}${short(activation)}`;
        const canvas = pictureOf(
          images.pictures,
          pictures,
          picture,
          INPUT_SIDE,
          `input with activation ${words}`,
        );
        return element('figure', {}, canvas, element('figcaption', {}, words));
      });
      this.#unit.replaceChildren(
        pictureOf(images.weights, weights, number, WEIGHTS_SIDE, `weights of unit ${number}`),
        about,
        element('div', { class: 'inputs' }, ...excite),
      );
    }

    /** @param {KeyboardEvent} event */
    #onKey(event) {
      const place = this.#order.indexOf(this.#chosen ?? 0);
      const last = this.#order.length - 1;
      const next = {
        ArrowRight: place + 1,
        ArrowDown: place + 1,
        ArrowLeft: place - 1,
        ArrowUp: place - 1,
        PageDown: place + 10,
        PageUp: place - 10,
        Home: 0,
        End: last,
      }[event.key];
      if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const unit = /** @type {number} */ (this.#order[Math.min(last, Math.max(0, next))]);
      this.#choose(unit);
      this.#reveal(/** @type {HTMLElement} */ (this.#bars[unit]));
    }

    /** Scrolls the bars, and nothing around them. @param {HTMLElement} bar */
    #reveal(bar) {
      const [outer, inner] = [this.#list.getBoundingClientRect(), bar.getBoundingClientRect()];
      this.#list.scrollLeft += Math.max(0, inner.right - outer.right) + Math.min(0, inner.left - outer.left);
    }
  }

  /**
   * One picture of a sheet.
   *
   * @param {HTMLImageElement | undefined} image
   * @param {Sheet | undefined} sheet
   * @param {number} number
   * @param {number} side The longer one, on the page.
   * @param {string} words
   */
  function pictureOf(image, sheet, number, side, words) {
    const canvas = element('canvas', { role: 'img', 'aria-label': words });
    if (!image || !sheet) return canvas;
    const { columns, width, height } = sheet;
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${(side * width) / Math.max(width, height)}px`;
    canvas.style.height = `${(side * height) / Math.max(width, height)}px`;
    const [left, top] = [(number % columns) * width, Math.floor(number / columns) * height];
    canvas.getContext('2d')?.drawImage(image, left, top, width, height, 0, 0, width, height);
    return canvas;
  }

  /** Makes an element the place of a panel, and returns what shows data in it. */
  /** @type {any} */ (window).sparselabUnitPanel = (/** @type {HTMLElement} */ host) => {
    const panel = new UnitPanel(host);
    return (/** @type {unknown} */ data) => panel.show(data);
  };
})();
