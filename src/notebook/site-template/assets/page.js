/**
 * What makes a lesson's page live: it sets formulas and draws figures and unit panels, all from files beside it.
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

  /**
   * @param {Element} figure
   * @param {HTMLElement} place
   * @param {any} content A Plotly figure.
   */
  async function drawPlot(figure, place, { data, layout, config }) {
    const plotly = await loadPlotly();
    await plotly.newPlot(place, data, layout, config);
    new ResizeObserver(() => plotly.Plots.resize(place)).observe(figure);
  }

  /** @param {Element} figure Its script element holds the data, its paragraph what stands there until it is drawn. */
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
