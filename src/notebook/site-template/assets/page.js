/**
 * What makes a lesson's page live: it sets formulas and draws figures, both from files beside it.
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

  /** @param {Element} figure Its script element holds the data, its paragraph what stands there until it is drawn. */
  async function draw(figure) {
    const words = /** @type {HTMLElement} */ (figure.querySelector('p'));
    try {
      const { data, layout, config } = JSON.parse(figure.querySelector('script')?.textContent ?? '');
      const plotly = await loadPlotly();
      const plot = document.createElement('div');
      figure.append(plot);
      words.hidden = true;
      await plotly.newPlot(plot, data, layout, config);
      new ResizeObserver(() => plotly.Plots.resize(plot)).observe(figure);
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
  for (const figure of document.querySelectorAll('figure.plotly')) near.observe(figure);
})();
