/**
 * Draws figures as pictures, for pages where no script runs.
 *
 *     node dist/notebook/drawFigures.js < figures.json > pictures.json
 *
 * It reads a JSON list of figures, `{ data, layout }`, and of pieces of HTML, `{ html }`, and writes a list of PNG files in base64, in the same order. Plotly
 * itself draws them, in a Chromium, Chrome or Edge without a window, so a picture is what a reader of the notebook sees.
 * Authors need this, learners do not.
 *
 * @module
 */
import { text } from 'node:stream/consumers';
import { launchBrowser } from './browsers';

/** A figure as a notebook's `application/vnd.plotly.v1+json` holds it. */
export interface DrawableFigure {
  readonly data: readonly object[];
  readonly layout?: Readonly<Record<string, unknown>>;
}

/** HTML with pictures below a cell, such as a unit's dashboard. */
export interface DrawableHtml {
  readonly html: string;
}

/** About the column of text on a code host, in CSS pixels. */
const WIDTH = 760;

/** The default of plotly.js. */
const HEIGHT = 450;

/**
 * Draws figures, each {@link WIDTH} wide and as high as its layout says, and HTML as high as it is.
 *
 * @returns PNG files in base64, in the order of the figures.
 * @throws Error if there is no browser, or a figure cannot be drawn.
 */
export async function drawFigures(figures: readonly (DrawableFigure | DrawableHtml)[]): Promise<string[]> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ path: require.resolve('plotly.js-dist') });
    const pictures: string[] = [];
    const canvas = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
    for (const figure of figures) {
      if ('html' in figure) {
        await canvas.setContent(`<body style="margin:0">${figure.html}</body>`);
        pictures.push((await canvas.screenshot({ fullPage: true })).toString('base64'));
        continue;
      }
      const { data, layout = {} } = figure;
      const size = { format: 'png', width: WIDTH, height: layout.height ?? HEIGHT };
      const drawing = `Plotly.toImage(${JSON.stringify({ data, layout })}, ${JSON.stringify(size)})`;
      const url = await page.evaluate<string>(drawing);
      pictures.push(url.slice(url.indexOf(',') + 1));
    }
    return pictures;
  } finally {
    await browser.close();
  }
}

async function main(): Promise<void> {
  const figures = JSON.parse(await text(process.stdin)) as (DrawableFigure | DrawableHtml)[];
  process.stdout.write(JSON.stringify(await drawFigures(figures)));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
}
