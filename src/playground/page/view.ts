/**
 * The pictures and numbers of the page: each function puts one moment of a training where the page has a place for it.
 *
 * @module
 */
import type { News, Row, Snapshot } from '../messages';
import type { Settings } from '../settings';
import { drawBars } from './chart';
import { drawTiles, GREY, signedPalette } from './tiles';
import { dictionaryInWords, percent, picturesInWords, short } from './words';

type Started = Extract<News, { kind: 'started' }>;

/** The page's element of this id. */
export const element = <T extends Element = HTMLElement>(id: string): T =>
  document.getElementById(id) as unknown as T;

/** Draws the dictionary, the examples, the histogram and, where they are known, the true features. */
export function drawPictures({ shape, examples, features }: Started, snapshot: Snapshot): void {
  const { tiles, active, reconstructions, histogram, most, found } = snapshot;
  const palette = signedPalette();
  drawTiles(element('dictionary'), {
    pictures: tiles,
    shape,
    palette,
    opacity: (unit) => ((active[unit] as number) > 0 ? 1 : 0.25),
  });
  // Each example above its reconstruction.
  const pictures = new Uint8Array(examples.length + reconstructions.length);
  pictures.set(examples);
  pictures.set(reconstructions, examples.length);
  drawTiles(element('pairs'), {
    pictures,
    shape,
    palette: GREY,
    columns: examples.length / (shape[0] * shape[1]),
  });
  if (features) {
    drawTiles(element('features'), {
      pictures: features,
      shape,
      palette,
      columns: 8,
      opacity: (feature) => 0.15 + 0.85 * Math.abs(found?.[feature] ?? 0),
    });
  }
  const bars = element('histogram');
  drawBars(bars.querySelector('svg') as SVGSVGElement, histogram);
  (bars.querySelector('.top') as HTMLElement).textContent = `to ${short(most)}`;
}

/**
 * Shows the numbers of the newest row.
 *
 * @param row `undefined` before the first epoch
 * @param goal epochs until which it runs
 */
export function showNumbers(
  row: Row | undefined,
  goal: number,
  { units }: Settings,
  { mcc }: Snapshot,
): void {
  const texts = {
    epoch: `${Math.floor(row?.epoch ?? 0)} of ${goal}`,
    unexplained: row ? percent(row.unexplained) : '–',
    l0: row ? row.l0.toFixed(1) : '–',
    dead: row ? `${row.dead} of ${units}` : '–',
    mse: row ? short(row.mse) : '–',
    mcc: mcc === undefined ? '–' : mcc.toFixed(3),
  };
  for (const [id, text] of Object.entries(texts)) element(id).textContent = text;
  // To all of its digits, as the code of a lesson prints it.
  element('mse').dataset.value = String(row?.mse ?? '');
}

/** Says in words what the pictures show, and in numbers how often each unit is active. */
export function putIntoWords({ shape }: Started, snapshot: Snapshot, row: Row): void {
  const pictures = { '#dictionary': dictionaryInWords(snapshot, shape), ...picturesInWords(row, snapshot) };
  for (const [place, words] of Object.entries(pictures))
    document.querySelector(place)?.setAttribute('aria-label', words);
  element('units').replaceChildren(
    ...Array.from(snapshot.active, (share) => {
      const item = document.createElement('li');
      item.textContent = share === 0 ? 'dead' : percent(share);
      return item;
    }),
  );
}
