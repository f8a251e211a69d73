import type { Examples } from '../../datasets/examples';
import { Codes } from '../../features/codes';
import { type InputReading, inputReading, readInputOptions, rowOfInput } from '../../features/readInput';
import { readUnitOptions, type UnitReading, unitReading } from '../../features/readUnit';
import type { SparseAutoencoder } from '../../model/autoencoder';
import { requireArray } from '../../numbers/arguments';
import { utf8 } from '../../numbers/bytes';
import { type OptionsOf, optional, readOptions, string, value } from '../../numbers/options';
import { counted, percent, short } from '../../numbers/shown';
import { DISPLAY, INSPECT, type MimeBundle } from '../../page/cell';
import { escapeHtml } from '../../page/escapeHtml';
import { type SavedPage, savePage } from '../../page/savedPage';
import type { ImageShape } from '../imageTiles';
import { inputSection } from './inputSection';
import { type Look, lookOf } from './look';
import { heading, type Links } from './markup';
import { STYLE } from './style';
import { unitSection } from './unitSection';

/** The largest size of a page: mail and learning platforms accept it, and it opens at once. */
const MOST_BYTES = 5_000_000;

/** Units and inputs of a model, read: make it a cell's last expression, or save it as a page. */
export class Dashboard {
  readonly title: string;
  /** Content of the page, without its head. */
  readonly #body: string;
  readonly #summary: string;

  constructor(title: string, summary: string, body: string) {
    this.title = title;
    this.#summary = summary;
    this.#body = body;
  }

  /** The whole page as HTML: no script, no address of anything outside it. */
  get html(): string {
    return (
      '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
      '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
      `<title>${escapeHtml(this.title)}</title>\n<style>${STYLE}</style>\n</head>\n` +
      `<body style="margin:0 auto;max-width:1000px"><main class="sparselab-dashboard">${this.#body}</main></body>\n</html>\n`
    );
  }

  /**
   * Writes the page to one file, which opens anywhere, without a network. In a browser's kernel, where files end with the
   * page, the result as a cell's last expression is a link that downloads it.
   *
   * @throws TypeError if `path` is not a string.
   * @throws Error from the file system; an older file of that name then still stands.
   */
  save(path: string): SavedPage {
    return savePage(path, this.html);
  }

  /** The title and the most important numbers, as a line of text. */
  toString(): string {
    return `Dashboard: ${this.title} – ${this.#summary}`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: the same as the page. */
  [DISPLAY](): MimeBundle {
    return {
      'text/html': `<style>${STYLE}</style><div class="sparselab-dashboard">${this.#body}</div>`,
      'text/plain': this.toString(),
    };
  }
}

const shown = {
  /** Height and width of an input image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
  title: optional(string),
};

const dashboardOptions = {
  ...shown,
  /** Which units. Default: those that the `inputs` are made of. */
  units: optional(value<readonly number[]>()),
  /** Which inputs: rows of examples, or words. Default: the example that excites each of the `units` most. */
  inputs: optional(value<readonly (number | string)[]>()),
  /** How many of a unit's strongest examples. Default: 12. */
  count: readUnitOptions.count,
  /** How many units of an input are listed alone. Default: 12. */
  parts: readInputOptions.count,
};

/** Options of {@link dashboard}. @interface */
export type DashboardOptions = OptionsOf<typeof dashboardOptions>;

/**
 * Units and inputs on one page. For a unit: its weights, the examples that excite it most, ten groups over its whole range, a
 * histogram, the units that fire with it, the loss of the reconstruction without it ({@link readUnit} explains each). For an
 * input: its reconstruction as a sum, unit after unit ({@link readInput}).
 *
 * The page is one file without a script. Its figures are SVG and PNG, so that it opens wherever HTML does, can be searched,
 * printed and read aloud: plotly.js alone would be as large as the largest page. A unit of MNIST takes about 60 kB.
 *
 * @param data Examples: pictures, or words.
 * @throws RangeError if neither `units` nor `inputs` name one, there is no such unit or input, the rows are not images of that
 *   shape, an option is out of its range, or the page would take more than 5 MB.
 *
 * @example
 * dashboard(model, mnist.test, { units: [17, 57], inputs: [0, 1] }).save('reading.html')
 * @example
 * dashboard(model, loadWords(), { inputs: ['apple', 'java'] }) // and all units that they are made of
 */
export function dashboard(model: SparseAutoencoder, data: Examples, options: DashboardOptions): Dashboard {
  const read = readOptions('dashboard', options, dashboardOptions);
  const { units: givenUnits, inputs: givenInputs, imageShape, title, count, parts } = read;
  for (const [name, list] of Object.entries({ units: givenUnits, inputs: givenInputs })) {
    if (list !== undefined) requireArray(name, list, `an array of ${name}`);
  }
  if (!givenUnits?.length && !givenInputs?.length)
    throw new RangeError('units or inputs must name at least one; got none');
  const codes = new Codes(model, data);
  const look = lookOf(codes, data, imageShape);
  const inputsOf = (rows: readonly number[]) =>
    different(rows).map((row) => inputReading(codes, row, { count: parts }));
  const unitsOf = (units: readonly number[]) =>
    different(units).map((unit) => unitReading(codes, unit, { count, samples: 6, together: 5 }));

  const named = {
    units: unitsOf(givenUnits ?? []),
    inputs: inputsOf((givenInputs ?? []).map((input) => rowOfInput(data, input))),
  };
  const takingPart = named.inputs.flatMap((one) => one.units.map(({ unit }) => unit));
  const strongest = named.units.flatMap((one) => one.strongest.slice(0, 1).map(({ row }) => row));
  const units = givenUnits === undefined ? unitsOf(takingPart) : named.units;
  const inputs = givenInputs === undefined ? inputsOf(strongest) : named.inputs;

  const links = { units: units.map(({ unit }) => unit), inputs: inputs.map(({ row }) => row) };
  const sections = [
    ...inputs.map((one) =>
      section('input', one.row, inputSection(one, model.architecture.outputActivation, look, links)),
    ),
    ...units.map((one) => section('unit', one.unit, unitSection(one, codes, look, links))),
  ];
  const name = title ?? titleOf(codes, look, links);
  const several = sections.length > 1;
  const body = [
    ...(several || title !== undefined ? [heading(1, escapeHtml(name))] : []),
    ...(several ? [navigation(links, look)] : []),
    ...sections,
  ].join('\n');
  const page = new Dashboard(name, summaryOf(units, inputs), body);
  const { length } = utf8(page.html);
  if (length > MOST_BYTES) {
    throw new RangeError(
      `units and inputs must fit on a page of 5 MB; got ${units.length} units and ${inputs.length} inputs, which take ${(length / 1e6).toFixed(1)} MB`,
    );
  }
  return page;
}

const section = (kind: 'unit' | 'input', number: number, html: string): string =>
  `<section id="${kind}-${number}">${html}</section>`;

const different = <T>(list: readonly T[]): T[] => [...new Set(list)];

/** Links to all sections. */
function navigation({ units, inputs }: Links, look: Look): string {
  const list = (kind: 'unit' | 'input', numbers: readonly number[], text: (number: number) => string) =>
    numbers.length === 0
      ? ''
      : `<p>${kind === 'unit' ? 'Units' : 'Inputs'}: ${numbers.map((one) => `<a href="#${kind}-${one}">${text(one)}</a>`).join(' ')}</p>`;
  const name = (row: number) => escapeHtml(look.name(row));
  return `<nav aria-label="Inputs and units">${list('input', inputs, name)}${list('unit', units, String)}</nav>`;
}

function titleOf({ model }: Codes, look: Look, { units, inputs }: Links): string {
  const [unit, row] = [units[0], inputs[0]];
  if (units.length === 1 && inputs.length === 0) return `Unit ${unit} of ${model.architecture.hiddenDim}`;
  if (inputs.length === 1 && units.length === 0) return `Input: ${look.name(row as number)}`;
  return `${units.length} of ${model.architecture.hiddenDim} units, ${counted(inputs.length, 'input')}`;
}

/** The numbers of the first unit, else of the first input. */
function summaryOf([unit]: readonly UnitReading[], [input]: readonly InputReading[]): string {
  if (unit !== undefined)
    return `${unit.unit}: density ${percent(unit.density)}, mean ${short(unit.mean)}, largest ${short(unit.max)}`;
  const parts = (input?.units ?? []).map((part) => `${part.unit} (${percent(part.share, 0)})`);
  return `units ${parts.join(', ')}; MSE ${short(input?.mse ?? 0)}`;
}

const unitDashboardOptions = { ...shown, count: dashboardOptions.count };

/** How {@link unitDashboard} draws. @interface */
export type UnitDashboardOptions = OptionsOf<typeof unitDashboardOptions>;

/**
 * All about one hidden unit: its weights, the examples that excite it most, ten groups over its whole range, how often it fires
 * how strongly, the units that fire with it, and the loss of the reconstruction without it. For a unit that looks at pictures,
 * the page also says how clearly its weights have one direction ({@link orientationSelectivity}). {@link readUnit} explains and
 * returns the numbers.
 *
 * @param data Examples to look at, preferably not those that the model was trained on: pictures, or words.
 * @param unit Which unit, counted from 0.
 * @throws RangeError if there is no such unit, the rows are not images of that shape, or an option is out of its range.
 *
 * @example unitDashboard(model, mnist.test, 17)
 * @example unitDashboard(model, loadWords(), 17).save('unit17.html')
 */
export function unitDashboard(
  model: SparseAutoencoder,
  data: Examples,
  unit: number,
  options: UnitDashboardOptions = {},
): Dashboard {
  const read = readOptions('unitDashboard', options, unitDashboardOptions);
  return dashboard(model, data, { ...read, units: [unit], inputs: [] });
}

const inputDashboardOptions = { ...shown, parts: dashboardOptions.parts };

/** How {@link inputDashboard} draws. @interface */
export type InputDashboardOptions = OptionsOf<typeof inputDashboardOptions>;

/**
 * One input from the model's side: the bias and the contribution of each of its units, as a picture or as words, up to the
 * reconstruction. {@link readInput} explains and returns the numbers.
 *
 * @param data Examples: pictures, or words.
 * @param input The row of an example, counted from 0; of words also the word.
 * @throws RangeError if there is no such input, the rows are not images of that shape, or an option is out of its range.
 *
 * @example inputDashboard(model, mnist.test, 0)
 * @example inputDashboard(model, loadWords(), 'apple')
 */
export function inputDashboard(
  model: SparseAutoencoder,
  data: Examples,
  input: number | string,
  options: InputDashboardOptions = {},
): Dashboard {
  const read = readOptions('inputDashboard', options, inputDashboardOptions);
  return dashboard(model, data, { ...read, units: [], inputs: [input] });
}
