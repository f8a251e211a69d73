/**
 * The script of a lesson's page: it sets formulas and draws figures and unit panels, all from files next to it.
 */
(() => {
  // Known only while this script runs for the first time.
  const scriptUrl = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const page = /** @type {any} */ (window);

  page.renderMathInElement?.(document.body, {
    delimiters: [
      { left: '$$', right: '$$', display: true },
      { left: '\\[', right: '\\]', display: true },
      { left: '$', right: '$', display: false },
      { left: '\\(', right: '\\)', display: false },
    ],
    ignoredTags: ['script', 'style', 'pre', 'code', 'textarea'],
    throwOnError: false,
  });

  /** Code that is wider than the page can be scrolled by the keyboard, too. */
  function reachWideCode() {
    for (const code of document.querySelectorAll('pre')) {
      if (code.scrollWidth > code.clientWidth) code.tabIndex = 0;
      else code.removeAttribute('tabindex');
    }
  }
  reachWideCode();
  addEventListener('resize', reachWideCode);

  /** @type {Promise<any> | undefined} */
  let loading;

  /** plotly.js, the one copy that all pages share, loaded when the first figure comes near: it is 10 MB. */
  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL('plotly.js', scriptUrl).href;
      script.onload = () => resolve(page.Plotly);
      script.onerror = () => reject(new Error(`${script.src} could not be loaded`));
      document.head.append(script);
    });
    return loading;
  }

  /** Pixels that a letter of a figure's title and of the line below it takes, on average and a little more. */
  const LETTERS = { title: 8.4, subtitle: 6.9 };

  /**
   * A figure's layout for a page that is narrower than a notebook, where Plotly would cut the title off and leave a grid of pictures,
   * which gets smaller, in the middle of an empty column.
   * @param {any} layout
   * @param {number} width
   */
  function fitted(layout, width) {
    const { title, margin, height, coloraxis } = layout;
    if (!title?.text || !margin || !height || width >= 700) return layout;
    const room = width - 2 * (title.pad?.l ?? 0);
    const [first, titleLines] = wrapped(title.text, room / LETTERS.title);
    const [second, subtitleLines] = wrapped(title.subtitle?.text ?? '', room / LETTERS.subtitle);
    const more = 21 * (titleLines - 1) + 16 * (subtitleLines - 1);
    const around = margin.t + margin.b;
    // A grid of pictures that has the figure to itself shrinks with its width.
    const pictures = coloraxis && layout.xaxis?.visible === false && !layout.xaxis2;
    const across = width - margin.l - margin.r - (coloraxis?.showscale ? 80 : 0);
    const inside = (height - around) * (pictures ? Math.min(1, across / 660) : 1);
    const scale = coloraxis?.colorbar;
    const isNamed = scale && LETTERS.subtitle * (scale.title?.text ?? '').length < inside + 2 * margin.b;
    return {
      ...layout,
      title: {
        ...title,
        text: first,
        ...(title.subtitle && { subtitle: { ...title.subtitle, text: second } }),
      },
      margin: { ...margin, t: margin.t + more },
      height: Math.round(inside + around + more),
      ...(scale && !isNamed && { coloraxis: { ...coloraxis, colorbar: { ...scale, title: { text: '' } } } }),
    };
  }

  /**
   * @param {string} text
   * @param {number} letters
   * @returns {[text: string, lines: number]} in lines of at most this many letters, where words allow it
   */
  function wrapped(text, letters) {
    const lines = [''];
    for (const word of text.split(' ')) {
      const line = `${lines[lines.length - 1]} ${word}`.trim();
      if (line.length <= letters || line === word) lines[lines.length - 1] = line;
      else lines.push(word);
    }
    return [lines.join('<br>'), lines.length];
  }

  /**
   * @param {Element} figure
   * @param {HTMLElement} place
   * @param {any} content A Plotly figure.
   */
  async function drawPlot(figure, place, { data, layout, config }) {
    const plotly = await loadPlotly();
    await plotly.newPlot(place, data, fitted(layout, figure.clientWidth), config);
    new ResizeObserver(() => plotly.Plots.resize(place)).observe(figure);
  }

  /** @param {Element} figure Its script element holds the data, its paragraph is shown until it is drawn. */
  async function draw(figure) {
    const words = /** @type {HTMLElement} */ (figure.querySelector('p'));
    try {
      const content = JSON.parse(figure.querySelector('script')?.textContent ?? '');
      const place = document.createElement('div');
      figure.append(place);
      words.hidden = true;
      if (figure.matches('.units')) await page.sparselabUnitPanel(place)(content);
      else await drawPlot(figure, place, content);
    } catch (error) {
      words.hidden = false;
      words.append(` – cannot be drawn: ${error instanceof Error ? error.message : error}`);
    }
  }

  // A screen ahead of the reader, so that a figure is there when its place comes into view.
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void draw(target);
      }
    },
    { rootMargin: '100% 0px' },
  );
  for (const figure of document.querySelectorAll('figure.plotly, figure.units')) near.observe(figure);
})();
