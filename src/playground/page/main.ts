/**
 * The playground's page: controls and pictures around a training in a worker.
 *
 * @module
 */
import { fragmentOf, settingsOf } from '../fragment';
import { lessonCode } from '../lessonCode';
import type { News, OwnPicture, Row, Shown, Snapshot } from '../messages';
import { differences, fitted, LIVE, labelOf, type SettingName, type Settings, valueText } from '../settings';
import type { Stretch } from '../trainer';
import { Curve } from './chart';
import { Client } from './client';
import { Controls } from './controls';
import { offerCopies } from './copying';
import { showDiagnoses } from './diagnoses';
import { acceptFiles, readPictures } from './own';
import { PresetMenu } from './presetMenu';
import { keepsStill } from './still';
import { drawPictures, element, putIntoWords, showNumbers } from './view';
import { percent, short, stateInWords } from './words';

/** Epochs per second, slow enough to watch. */
const WATCHED = 10;

const buttons = {
  run: element<HTMLButtonElement>('run'),
  step: element<HTMLButtonElement>('step'),
  reset: element<HTMLButtonElement>('reset'),
};
const slow = element<HTMLInputElement>('slow');
const code = element<HTMLTextAreaElement>('code');

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

/** News that the next frame of the page draws. */
let waiting: Shown | undefined;

const curves = {
  error: new Curve(element('error-curve'), percent),
  l0: new Curve(element('l0-curve'), short),
};
const presets = new PresetMenu(element('preset'), (preset) => start(preset.settings, true));
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
  waiting = undefined;
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
  // The complaint concerned the earlier settings.
  complain([]);
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

/** Puts the settings into the address and the menu of presets. */
function remember(): void {
  const fragment = fragmentOf(state.settings);
  // Not a step of the browser's history: a slider would leave hundreds.
  history.replaceState(null, '', fragment === '' ? location.pathname + location.search : `#${fragment}`);
  presets.show(state.settings);
  showCode();
}

addEventListener('hashchange', () => {
  const asked = settingsOf(location.hash);
  complain(asked.complaints);
  if (differences(asked.settings, state.settings).length > 0) start(asked.settings, true);
});

async function take(files: Iterable<File>): Promise<void> {
  try {
    state.own = await readPictures(files);
    complain([]);
    start({ ...state.settings, data: 'own', output: 'linear' }, true);
  } catch (error) {
    complain([(error as Error).message]);
  }
}

// ── What the worker tells ────────────────────────────────────────────────────────────────────────────────────────

function hear(message: News): void {
  switch (message.kind) {
    case 'busy':
      say(`${message.what}.`);
      break;
    case 'loading':
      element('loading').innerHTML = message.bar;
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
  const shown = waiting;
  waiting = undefined;
  const { started, settings, newest, goal } = state;
  if (!shown || !started) return;
  drawPictures(started, shown.snapshot);
  curves.error.add(
    shown.rows.map(({ epoch, unexplained }) => [epoch, unexplained]),
    goal,
  );
  curves.l0.add(
    shown.rows.map(({ epoch, l0 }) => [epoch, l0]),
    goal,
  );
  showNumbers(newest, goal, settings, shown.snapshot);
}

function rested({ rest, diagnoses, stretches }: Extract<News, { kind: 'rested' }>): void {
  setRunning(false);
  state.stretches = stretches;
  const { newest, snapshot, settings } = state;
  showCode();
  const found = diagnoses.map(({ name }) => name).join(', ') || 'nothing wrong';
  const how = { finished: 'Done.', stopped: 'Paused.', diverged: 'The training diverged.' }[rest];
  if (newest) say(`${how} ${stateInWords(newest, settings, snapshot?.mcc)} diagnose finds: ${found}.`);
  showDiagnoses(element('diagnoses'), diagnoses, settings, (cured) => {
    start(cured, true);
    buttons.run.focus();
  });
  if (snapshot && newest && state.started) putIntoWords(state.started, snapshot, newest);
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

// ── It begins ────────────────────────────────────────────────────────────────────────────────────────────────────

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (state.snapshot) add({ snapshot: state.snapshot, rows: [] });
});
acceptFiles(element('pictures'), (files) => void take(files));
offerCopies(code, element('copy-code'), element('copy-link'), element('copied'));
complain(complaints);
start(settings, !keepsStill() && !document.hidden);
