/**
 * The playground on the site's front page: a dictionary that is learned while the reader looks; only its start can be chosen.
 * Until it has begun, and where it cannot, a picture is shown instead.
 *
 * @module
 */
import { fragmentOf } from '../fragment';
import type { News, Row } from '../messages';
import { type Preset, starts } from '../presets';
import { Client } from './client';
import { keepsStill } from './still';
import { drawTiles, signedPalette } from './tiles';
import { dictionaryInWords, stateInWords } from './words';

/** Epochs per second: slow enough to see a unit become an edge. */
const WATCHED = 8;

/** Shows it in `place`. */
function demonstrate(place: HTMLElement): void {
  const find = <T extends Element>(selector: string): T => place.querySelector(selector) as T;
  const picture = find<HTMLImageElement>('img');
  const canvas = find<HTMLCanvasElement>('canvas');
  const button = find<HTMLButtonElement>('button');
  const menu = find<HTMLSelectElement>('select');
  const status = find<HTMLElement>('[role=status]');
  const epoch = find<HTMLElement>('.epoch strong');
  const more = find<HTMLAnchorElement>('a[data-playground]');
  for (const [index, { title }] of starts.entries()) menu.add(new Option(title, String(index)));

  let client: Client | undefined;
  let started: Extract<News, { kind: 'started' }> | undefined;
  let newest: Row | undefined;
  let running = false;
  const preset = (): Preset => starts[Number(menu.value)] as Preset;

  const setRunning = (now: boolean) => {
    running = now;
    button.textContent = now ? 'Pause' : 'Run';
  };
  const go = () => {
    const { epochs } = preset().settings;
    const done = newest?.epoch ?? 0;
    if (done >= epochs) return begin();
    setRunning(true);
    client?.run(epochs, WATCHED);
  };
  const begin = () => {
    client ??= new Client(new URL(place.dataset.worker as string, document.baseURI).href, hear);
    newest = undefined;
    client.start(preset().settings);
    const fragment = fragmentOf(preset().settings);
    more.href = `playground.html${fragment && `#${fragment}`}`;
    go();
  };

  function hear(message: News): void {
    if (message.kind === 'failed') {
      setRunning(false);
      picture.hidden = false;
      canvas.hidden = true;
      status.textContent =
        location.protocol === 'file:'
          ? 'It cannot run here: a browser trains only what comes from a web server.'
          : `It cannot run here: ${message.reason}.`;
    }
    if (message.kind === 'started') started = message;
    if (message.kind !== 'shown' && message.kind !== 'rested') return;
    const { snapshot, rows } = message;
    newest = rows.at(-1) ?? newest;
    if (started) {
      const { shape } = started;
      drawTiles(canvas, {
        pictures: snapshot.tiles,
        shape,
        palette: signedPalette(),
        opacity: (unit) => ((snapshot.active[unit] as number) > 0 ? 1 : 0.25),
      });
      canvas.hidden = false;
      picture.hidden = true;
      epoch.textContent = String(Math.floor(newest?.epoch ?? 0));
      if (message.kind === 'rested') {
        setRunning(false);
        canvas.setAttribute('aria-label', dictionaryInWords(snapshot, shape));
        if (newest) status.textContent = stateInWords(newest, preset().settings, snapshot.mcc);
      }
    }
  }

  button.addEventListener('click', () => {
    if (!client) begin();
    else if (running) client.pause();
    else go();
  });
  menu.addEventListener('change', begin);
  button.disabled = menu.disabled = false;

  let wasRunning = false;
  const pauseFor = (away: boolean) => {
    if (away && running) {
      wasRunning = true;
      client?.pause();
    } else if (!away && wasRunning) {
      wasRunning = false;
      go();
    }
  };
  document.addEventListener('visibilitychange', () => pauseFor(document.hidden));
  new IntersectionObserver((entries) => {
    const isSeen = entries.some(({ isIntersecting }) => isIntersecting);
    if (isSeen && !client && !keepsStill()) begin();
    else pauseFor(!isSeen);
  }).observe(place);
}

const place = document.getElementById('demonstration');
if (place && typeof Worker !== 'undefined' && typeof WebAssembly !== 'undefined') demonstrate(place);
