/**
 * The playground's page: controls and pictures around a training in a worker.
 *
 * @module
 */
import { cureOf } from '../cures';
import { fragmentOf, settingsOf } from '../fragment';
import { lessonCode } from '../lessonCode';
import type { News, OwnPicture, Row, Shown, Snapshot } from '../messages';
import { ailments, type Preset, starts } from '../presets';
import { differences, fitted, LIVE, labelOf, type SettingName, type Settings, valueText } from '../settings';
import type { Stretch } from '../trainer';
import { Curve, drawBars } from './chart';
import { Client } from './client';
import { Controls } from './controls';
import { readPictures } from './own';
import { keepsStill } from './still';
import { drawTiles, GREY, signedPalette } from './tiles';
import { dictionaryInWords, percent, picturesInWords, short, stateInWords } from './words';

/** Epochs per second, where one wants to watch. */
const WATCHED = 10;

const element = <T extends Element = HTMLElement>(id: string): T =>
  document.getElementById(id) as unknown as T;

const buttons = {
  run: element<HTMLButtonElement>('run'),
  step: element<HTMLButtonElement>('step'),
  reset: element<HTMLButtonElement>('reset'),
};
const slow = element<HTMLInputElement>('slow');
const presetMenu = element<HTMLSelectElement>('preset');
const code = element<HTMLTextAreaElement>('code');
const dictionary = element<HTMLCanvasElement>('dictionary');

/** The page's knowledge of the training. */
interface State {
  settings: Settings;
  own: readonly OwnPicture[] | undefined;
  /** How an example is drawn; `undefined` until the worker has the data. */
  started: Extract<News, { kind: 'started' }> | undefined;
  running: boolean;
  /** Epochs until which it runs. */
  goal: number;
  stretches: readonly Stretch[];
  newest: Row | undefined;
  snapshot: Snapshot | undefined;
}

const { settings, complaints } = settingsOf(location.hash);
const state: State = {
  settings,
  own: undefined,
  started: undefined,
  running: false,
  goal: settings.epochs,
  stretches: [],
  newest: undefined,
  snapshot: undefined,
};

const curves = {
  error: new Curve(element('error-curve'), percent),
  l0: new Curve(element('l0-curve'), short),
};
const controls = new Controls(element('first'), element('more'), changed);
const client = new Client(workerAddress(), hear);

function workerAddress(): string {
  const script = document.querySelector<HTMLScriptElement>('script[data-worker]');
  return new URL(script?.dataset.worker ?? '', document.baseURI).href;
}

// ── What the reader does ─────────────────────────────────────────────────────────────────────────────────────────

/** A new training with these settings; it runs at once, if it should. */
function start(next: Settings, run: boolean): void {
  state.settings = fitted(next);
  state.started = undefined;
  state.stretches = [];
  state.newest = undefined;
  state.goal = state.settings.epochs;
  controls.show(state.settings);
  for (const curve of Object.values(curves)) curve.begin();
  client.start(state.settings, state.own);
  setRunning(run);
  if (run) client.run(state.goal, pace());
  else say('Press Run to train.');
  element('diagnoses').textContent = 'It looks at the training when it comes to rest.';
  remember();
}

function changed(name: SettingName, value: string | number, moving: boolean): void {
  if (name === 'data' && value === 'own' && !state.own) {
    controls.show(state.settings);
    element<HTMLInputElement>('pictures').click();
    return;
  }
  const next = fitted({ ...state.settings, [name]: value });
  if (LIVE.includes(name)) {
    state.settings = next;
    state.goal = Math.max(next.epochs, Math.ceil(state.newest?.epoch ?? 0));
    client.change(next);
    if (state.running && name === 'epochs') client.run(state.goal, pace());
    if (moving) return;
    remember();
    if (!state.running) say(`${labelOf(name, next)} ${valueText(name, value)}. Run goes on with it.`);
  } else if (!moving && differences(next, state.settings).length > 0) start(next, true);
}

buttons.run.addEventListener('click', () => {
  if (state.running) client.pause();
  else go(state.goal > trained() ? state.goal : trained() + state.settings.epochs);
});
buttons.step.addEventListener('click', () => go(Math.floor(trained()) + 1));
buttons.reset.addEventListener('click', () => start(state.settings, false));
slow.addEventListener('change', () => {
  if (state.running) client.run(state.goal, pace());
});

const trained = (): number => state.newest?.epoch ?? 0;
const pace = (): number => (slow.checked ? WATCHED : Number.POSITIVE_INFINITY);

function go(epochs: number): void {
  state.goal = epochs;
  setRunning(true);
  client.run(epochs, pace());
}

function setRunning(running: boolean): void {
  state.running = running;
  buttons.run.textContent = running ? 'Pause' : 'Run';
  buttons.step.disabled = running;
}

// A page that nobody sees does not compute.
let wasRunning = false;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    wasRunning = state.running;
    if (wasRunning) client.pause();
  } else if (wasRunning) {
    wasRunning = false;
    go(state.goal);
  }
});

const presets: readonly { label: string; presets: readonly Preset[] }[] = [
  { label: 'All is well, or nearly', presets: starts },
  { label: 'What goes wrong', presets: Object.values(ailments) },
];
const listed = presets.flatMap((group) => group.presets);
for (const group of presets) {
  const options = document.createElement('optgroup');
  options.label = group.label;
  for (const preset of group.presets)
    options.append(new Option(preset.title, String(listed.indexOf(preset))));
  presetMenu.append(options);
}
presetMenu.add(new Option('Your own settings', ''), 0);
presetMenu.addEventListener('change', () => {
  const preset = listed[Number(presetMenu.value)];
  if (presetMenu.value !== '' && preset) start(preset.settings, true);
});

/** Puts the settings into the address and the menu of presets. */
function remember(): void {
  const fragment = fragmentOf(state.settings);
  // Not a step of the browser's history: a slider would leave hundreds.
  history.replaceState(null, '', fragment === '' ? location.pathname + location.search : `#${fragment}`);
  const preset = listed.findIndex((each) => differences(each.settings, state.settings).length === 0);
  presetMenu.value = preset < 0 ? '' : String(preset);
  showCode();
}

addEventListener('hashchange', () => {
  const asked = settingsOf(location.hash);
  complain(asked.complaints);
  if (differences(asked.settings, state.settings).length > 0) start(asked.settings, true);
});

element<HTMLInputElement>('pictures').addEventListener('change', ({ target }) => {
  void take((target as HTMLInputElement).files ?? []);
});
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dropping');
});
addEventListener('dragleave', () => document.body.classList.remove('dropping'));
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  void take(event.dataTransfer?.files ?? []);
});

async function take(files: ArrayLike<File> & Iterable<File>): Promise<void> {
  if (files.length === 0) return;
  try {
    state.own = await readPictures(files);
    complain([]);
    start({ ...state.settings, data: 'own', output: 'linear' }, true);
  } catch (error) {
    complain([(error as Error).message]);
  }
}

// ── What the worker tells ────────────────────────────────────────────────────────────────────────────────────────

let waiting: Shown | undefined;

function hear(message: News): void {
  switch (message.kind) {
    case 'busy':
      say(`${message.what}.`);
      break;
    case 'started':
      begin(message);
      break;
    case 'shown':
      add(message);
      break;
    case 'rested':
      add(message);
      rested(message);
      break;
    case 'failed':
      setRunning(false);
      complain([
        `The training failed: ${message.reason}.`,
        ...(location.protocol === 'file:' ? [NEEDS_A_SERVER] : []),
      ]);
  }
}

const NEEDS_A_SERVER = 'From a disk browsers start no trainings: the page must come from a web server.';

function begin(message: Extract<News, { kind: 'started' }>): void {
  state.started = message;
  for (const button of Object.values(buttons)) button.disabled = false;
  buttons.step.disabled = state.running;
  element('truth').hidden = element('mcc-row').hidden = message.features === undefined;
  element('engine').textContent = message.engine;
  if (state.running) say('Training.');
  showCode();
}

/** Notes what is new, to be drawn with the next frame of the page. */
function add(shown: Shown): void {
  if (waiting === undefined) {
    requestAnimationFrame(draw);
    waiting = shown;
  } else waiting = { snapshot: shown.snapshot, rows: [...waiting.rows, ...shown.rows] };
  state.newest = shown.rows.at(-1) ?? state.newest;
  state.snapshot = shown.snapshot;
}

function draw(): void {
  const { started, settings } = state;
  const shown = waiting;
  waiting = undefined;
  if (!shown || !started) return;
  const { snapshot } = shown;
  drawTiles(dictionary, {
    pictures: snapshot.tiles,
    shape: started.shape,
    palette: signedPalette(),
    opacity: (unit) => ((snapshot.active[unit] as number) > 0 ? 1 : 0.25),
  });
  drawPairs(started, snapshot);
  if (started.features) {
    drawTiles(element('features'), {
      pictures: started.features,
      shape: started.shape,
      palette: signedPalette(),
      columns: 8,
      opacity: (feature) => 0.15 + 0.85 * Math.abs(snapshot.found?.[feature] ?? 0),
    });
  }
  curves.error.add(
    shown.rows.map(({ epoch, unexplained }) => [epoch, unexplained]),
    state.goal,
  );
  curves.l0.add(
    shown.rows.map(({ epoch, l0 }) => [epoch, l0]),
    state.goal,
  );
  drawBars(element<SVGSVGElement>('histogram').querySelector('svg') as SVGSVGElement, snapshot.histogram);
  element('histogram')
    .querySelector('.top')
    ?.replaceChildren(`to ${short(snapshot.most)}`);
  const row = state.newest;
  if (!row) return;
  const texts = {
    epoch: `${Math.floor(row.epoch)} of ${state.goal}`,
    unexplained: percent(row.unexplained),
    l0: row.l0.toFixed(1),
    dead: `${row.dead} of ${settings.units}`,
    mse: short(row.mse),
    mcc: snapshot.mcc === undefined ? '–' : snapshot.mcc.toFixed(3),
  };
  for (const [id, text] of Object.entries(texts)) element(id).textContent = text;
  // To all of its digits, as the code of a lesson prints it.
  element('mse').dataset.value = String(row.mse);
}

/** Each example above its reconstruction. */
function drawPairs(
  { shape, examples }: Extract<News, { kind: 'started' }>,
  { reconstructions }: Snapshot,
): void {
  const pictures = new Uint8Array(examples.length + reconstructions.length);
  pictures.set(examples);
  pictures.set(reconstructions, examples.length);
  drawTiles(element('pairs'), {
    pictures,
    shape,
    palette: GREY,
    columns: examples.length / (shape[0] * shape[1]),
  });
}

function rested({ rest, diagnoses, stretches }: Extract<News, { kind: 'rested' }>): void {
  setRunning(false);
  state.stretches = stretches;
  const { newest, snapshot, settings } = state;
  showCode();
  const found = diagnoses.map(({ name }) => name).join(', ') || 'nothing wrong';
  const how = { finished: 'Done.', stopped: 'Paused.', diverged: 'The training diverged.' }[rest];
  if (newest) say(`${how} ${stateInWords(newest, settings, snapshot?.mcc)} diagnose finds: ${found}.`);
  showDiagnoses(diagnoses);
  if (!snapshot || !state.started) return;
  dictionary.setAttribute('aria-label', dictionaryInWords(snapshot, state.started.shape));
  if (newest) {
    for (const [place, words] of Object.entries(picturesInWords(newest, snapshot)))
      document.querySelector(place)?.setAttribute('aria-label', words);
  }
  element('units').replaceChildren(
    ...Array.from(snapshot.active, (share) => {
      const item = document.createElement('li');
      item.textContent = share === 0 ? 'dead' : percent(share);
      return item;
    }),
  );
}

function showDiagnoses(diagnoses: Extract<News, { kind: 'rested' }>['diagnoses']): void {
  if (diagnoses.length === 0) {
    const fine = document.createElement('p');
    fine.textContent = 'It finds nothing wrong. That is no proof that all is well.';
    element('diagnoses').replaceChildren(fine);
    return;
  }
  element('diagnoses').replaceChildren(
    ...diagnoses.map((diagnosis) => {
      const box = document.createElement('article');
      box.className = 'diagnosis';
      const name = document.createElement('h3');
      name.textContent = diagnosis.name;
      const finding = document.createElement('p');
      finding.textContent = `${diagnosis.finding}.`;
      const advice = document.createElement('p');
      advice.textContent = diagnosis.cure;
      box.append(name, finding, advice);
      const cure = cureOf(diagnosis, state.settings);
      if (cure) {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = `Try it: ${cure.words}`;
        button.addEventListener('click', () => {
          start(cure.settings, true);
          buttons.run.focus();
        });
        box.append(button);
      }
      return box;
    }),
  );
}

function showCode(): void {
  const { started, settings, stretches } = state;
  if (!started) return;
  code.value = lessonCode(settings, started.dim, stretches);
  code.rows = code.value.split('\n').length;
}

/** Tells a sentence in passing, to those who hear the page as well. */
const say = (text: string): void => {
  element('status').textContent = text;
};

function complain(all: readonly string[]): void {
  const place = element('complaint');
  place.hidden = all.length === 0;
  place.textContent = all.join(' ');
}

// ── What is copied ───────────────────────────────────────────────────────────────────────────────────────────────

element('copy-code').addEventListener('click', () => {
  void copy(code.value).then((isCopied) => {
    if (!isCopied) code.select();
    // A page that is not encrypted has no clipboard; what is selected can still be copied.
    const copied = isCopied || document.execCommand('copy');
    element('copied').textContent = copied ? 'The code is copied.' : 'The code is selected, to be copied.';
  });
});
element('copy-link').addEventListener('click', () => {
  void copy(location.href).then((isCopied) => {
    element('copied').textContent = isCopied ? 'The link is copied.' : `The link: ${location.href}`;
  });
});

/** @returns whether the browser allows it */
const copy = (text: string): Promise<boolean> =>
  navigator.clipboard
    ? navigator.clipboard.writeText(text).then(
        () => true,
        () => false,
      )
    : Promise.resolve(false);

// ── It begins ────────────────────────────────────────────────────────────────────────────────────────────────────

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (state.snapshot) add({ snapshot: state.snapshot, rows: [] });
});
complain(complaints);
start(settings, !keepsStill() && !document.hidden);
