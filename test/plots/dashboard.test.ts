import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  batchTopK,
  type Dashboard,
  Dataset,
  dashboard,
  inputDashboard,
  loadDigits,
  readInput,
  readUnit,
  SparseAutoencoder,
  tf,
  topK,
  unitDashboard,
  WordVectors,
} from 'sparselab';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(300);
const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, seed: 1 });

/** Words of three kinds, each with a direction of its own, and one that is "<both>" & odd. */
const words = new WordVectors(
  ['red', 'blue', 'one', 'two', '"<b>both</b>" &'],
  Dataset.fromRows([
    [2, 0, 0.1],
    [1, 0, 0.2],
    [0, 2, 0.1],
    [0, 1, 0.3],
    [1, 1, 0],
  ]),
);
const wordModel = new SparseAutoencoder({ inputDim: 3, hiddenDim: 4, seed: 1 });

/** Its stored form in a notebook. */
function stored(page: Dashboard): Record<string, string> {
  const display = page[Symbol.for('Jupyter.display') as keyof Dashboard] as unknown as () => Record<
    string,
    string
  >;
  return display.call(page);
}

const pictures = (html: string) => [...html.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);

/** The text between the tags, with the pictures' alternative texts. */
const textOf = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<img [^>]*alt="([^"]*)"[^>]*>/g, '[$1]')
    .replace(/<(?:td|th|p|li|section|div|figcaption)\b[^>]*>/g, '\n')
    .replace(/<[^>]+>/g, '');

describe('unitDashboard', () => {
  const page = unitDashboard(model, digits, 2);
  const reading = readUnit(model, digits, 2);

  it('shows weights, strongest examples, ten groups, the histogram and what fires with it', () => {
    const text = textOf(page.html);
    assert.match(text, /Unit 2: its decoder weights.*Unit 2: its encoder weights/s);
    assert.match(text, /The examples that excite it most/);
    assert.match(text, /10 groups of \d+(?: or \d+)? examples, the strongest first/);
    assert.match(page.html, /<svg role="img" aria-label="Histogram of the \d+ activations of unit 2/);
    for (const { unit, pearson } of reading.together)
      assert.match(
        text,
        new RegExp(`\\n${unit}\\s+\\[Unit ${unit}: its decoder weights\\]\\s+${pearson.toFixed(2)}`),
      );
  });

  it('writes the numbers that readUnit has', () => {
    const text = textOf(page.html);
    const density = `${reading.firing} of 300 examples \\(density ${Number(((100 * reading.firing) / 300).toPrecision(3))} %\\)`;
    assert.match(text, new RegExp(`It fires for ${density}`));
    for (const { row, activation } of reading.strongest)
      assert.ok(
        text.includes(`[example ${row} (${digits.labels?.[row]})] ${Number(activation.toPrecision(3))}`),
      );
    for (const { label, likeness } of reading.groups) {
      assert.ok(text.includes(`${label?.name}: ${(100 * (label?.share ?? 0)).toFixed(0)} %`));
      assert.ok(text.includes(likeness.toFixed(2)));
    }
    assert.ok(page.toString().startsWith('Dashboard: Unit 2 of 6 – 2: density '));
  });

  it('counts every firing example once in the histogram', () => {
    const counts = [...page.html.matchAll(/<title>(\d+) from/g)].map(([, count]) => Number(count));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      reading.firing,
    );
  });

  it('stays small in a notebook, which shows the same as the file', () => {
    const html = stored(page)['text/html'] as string;
    assert.ok(html.length < 70_000, `${html.length}`);
    assert.equal(textOf(html).trim(), textOf(page.html.slice(page.html.indexOf('<body'))).trim());
  });

  it('has one picture for units whose decoder is their encoder', () => {
    const tied = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, tied: true });
    assert.match(textOf(unitDashboard(tied, digits, 0).html), /\[Unit 0: its weights\]\s*weights \(tied\)/);
  });

  it('says of units that are never zero above what they count, and of dead ones that they are', () => {
    const sigmoid = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, hiddenActivation: 'sigmoid' });
    assert.match(textOf(unitDashboard(sigmoid, digits, 0).html), /It is above 0\.1 for 300 of 300 examples/);
    const dead = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6 });
    dead.encoderBias.values[1] = -1e6;
    assert.match(textOf(unitDashboard(dead, digits, 1).html), /It fires for 0 of 300 examples/);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    dashboard(model, digits, { units: [0] });
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses a unit that there is not, and rows that are not images', () => {
    assert.throws(() => unitDashboard(model, digits, 6), { message: 'unit must be in [0, 5]; got 6' });
    assert.throws(
      () => unitDashboard(model, digits, 0, { imageShape: [4, 4] }),
      /imageShape must be .* 64 pixels/,
    );
  });
});

describe('inputDashboard', () => {
  it('gives a share that rounds to nothing no sign', () => {
    // x̂ = (1, 0) + (−0.001, 0): the second unit takes a thousandth away.
    const matrix = (...values: number[]) => ({ values: Float32Array.from(values), shape: [2, 2] });
    const zeros = { values: new Float32Array(2), shape: [2] };
    const two = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2 });
    two.setParameters({
      encoderWeights: matrix(1, 0, 0, 1),
      encoderBias: zeros,
      decoderWeights: matrix(1, 0, -0.001, 0),
      decoderBias: zeros,
    });
    const pair = new WordVectors(['both'], Dataset.fromRows([[1, 1]]));
    assert.match(String(inputDashboard(two, pair, 'both')), /units 0 \(100 %\), 1 \(0 %\);/);
  });

  it('has a line for each part of the sum, with the sum so far', () => {
    const { units, rest, mse } = readInput(model, digits, 7, { count: 2 });
    const page = inputDashboard(model, digits, 7, { parts: 2 });
    const text = textOf(page.html);
    for (const { unit, share } of units)
      assert.match(
        text,
        new RegExp(`\\+ unit ${unit}.*What unit ${unit} adds.*${(100 * share).toFixed(0)} %`, 's'),
      );
    if (rest) assert.match(text, new RegExp(`\\+ ${rest.units} more unit`));
    // x and x̂ above and below; bias, two units and the rest, each with the sum so far.
    assert.equal(pictures(page.html).length, 2 + 2 + 2 * (1 + 2 + (rest ? 1 : 0)));
    assert.ok(text.includes(`Mean squared error ${Number(mse.toPrecision(3))}`));
  });

  it('says where the parts add up to what goes into the output’s activation function', () => {
    const sigmoid = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, outputActivation: 'sigmoid' });
    assert.match(
      textOf(inputDashboard(sigmoid, digits, 0).html),
      /that is sigmoid⁻¹\(x̂\).*x̂ = sigmoid\(sum\)/s,
    );
    assert.match(textOf(inputDashboard(model, digits, 0).html), /that is x̂\. Red is added/);
  });

  for (const [name, hiddenActivation] of Object.entries({
    topK: topK(2),
    batchTopK: batchTopK(2),
    sigmoid: 'sigmoid',
  } as const)) {
    it(`draws units and inputs of other codes: ${name}`, () => {
      const other = new SparseAutoencoder({ inputDim: 64, hiddenDim: 6, hiddenActivation });
      assert.doesNotThrow(() => dashboard(other, digits, { units: [0, 1, 2, 3, 4, 5], inputs: [0, 1] }));
    });
  }
});

describe('dashboard', () => {
  const page = dashboard(model, digits, { units: [2, 4], inputs: [7] });

  it('is one file that asks nobody for anything and runs no script', () => {
    const { html } = page;
    assert.ok(html.startsWith('<!doctype html>'));
    assert.doesNotMatch(html, /<script|<link|<iframe|\bon\w+=|@import|javascript:/i);
    const addresses = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*"?([^")>\s]*)/g)].map(
      ([, address = '']) => address,
    );
    assert.ok(addresses.length > 50);
    assert.deepEqual(
      addresses.filter((address) => !/^(?:#|data:image\/png;base64,)/.test(address)),
      [],
    );
  });

  it('closes what it opens, in order', () => {
    const open: string[] = [];
    for (const [, end, name = '', self] of page.html.matchAll(
      /<(\/?)([a-z0-9]+)(?:"[^"]*"|[^">])*?(\/?)>/g,
    )) {
      if (self || ['img', 'br', 'meta'].includes(name)) continue;
      if (end) assert.equal(open.pop(), name);
      else open.push(name);
    }
    assert.deepEqual(open, []);
  });

  it('has a description for each picture, a name for each column, and a link to each section', () => {
    const { html } = page;
    assert.ok(pictures(html).every((tag) => / alt="[^"]+"/.test(tag)));
    assert.match(html, /<html lang="en">.*<main /s);
    assert.match(html, /<nav aria-label=/);
    for (const id of ['unit-2', 'unit-4', 'input-7']) {
      assert.equal(html.split(`<section id="${id}">`).length, 2);
      assert.ok(html.includes(`<a href="#${id}">`));
    }
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map(([, target]) => target);
    assert.ok(targets.every((target) => html.includes(`id="${target}"`)));
    const levels = [...html.matchAll(/aria-level="(\d)"/g)].map(([, level]) => Number(level));
    assert.equal(levels[0], 1);
    assert.ok(levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1));
    assert.ok((html.match(/<th scope="col">/g) ?? []).length > 0);
  });

  it('shows by default the units that the inputs are made of, and the strongest example of each unit', () => {
    const sections = (one: Dashboard) =>
      [...one.html.matchAll(/<section id="([^"]*)">/g)].map(([, id]) => id);
    const { units } = readInput(model, digits, 7);
    assert.deepEqual(sections(dashboard(model, digits, { inputs: [7] })), [
      'input-7',
      ...units.map(({ unit }) => `unit-${unit}`),
    ]);
    assert.deepEqual(sections(dashboard(model, digits, { units: [2, 2], inputs: [7, 7] })), [
      'input-7',
      'unit-2',
    ]);
    const strongest = readUnit(model, digits, 2).strongest[0]?.row;
    assert.deepEqual(sections(dashboard(model, digits, { units: [2] })), [`input-${strongest}`, 'unit-2']);
  });

  it('is saved as it is', () => {
    const path = join(temporaryFolder(), 'reading.html');
    const saved = page.save(path);
    const bytes = readFileSync(path);
    assert.equal(bytes.toString('utf8'), page.html);
    assert.equal(saved.bytes, bytes.length);
    assert.equal(String(saved), `Saved: ${path}, ${Math.ceil(bytes.length / 1000)} kB`);
  });

  it('shows words as words, and whatever they contain as text', () => {
    const both = dashboard(wordModel, words, { inputs: ['red', '"<b>both</b>" &'] });
    assert.equal(pictures(both.html).length, 0);
    assert.doesNotMatch(both.html, /<b>/);
    assert.ok(both.html.includes('“&quot;&lt;b&gt;both&lt;/b&gt;&quot; &amp;”'));
    assert.match(textOf(both.html), /Input: “red”/);
    assert.match(textOf(both.html), /words that its decoder weights point to/);
  });

  it('refuses what it cannot show, by name', () => {
    assert.throws(() => dashboard(model, digits, {}), /units or inputs must name at least one; got none/);
    assert.throws(
      () => dashboard(model, digits, { units: 3 as never }),
      /units must be an array of units; got 3/,
    );
    assert.throws(() => dashboard(model, digits, { inputs: [300] }), /input must be in \[0, 299\]; got 300/);
    assert.throws(
      () => dashboard(wordModel, words, { inputs: ['green'] }),
      /word must be one of the 5; got 'green'/,
    );
    assert.throws(() => page.save(''), /path must be a string; got ''/);
  });

  it('refuses a page of more than 5 MB', () => {
    const inputs = Array.from({ length: 300 }, (_, row) => row);
    const many = new SparseAutoencoder({ inputDim: 64, hiddenDim: 64, hiddenActivation: 'sigmoid', seed: 1 });
    assert.throws(
      () => dashboard(many, digits, { units: [], inputs, parts: 20 }),
      /units and inputs must fit on a page of 5 MB; got 0 units and 300 inputs, which take [\d.]+ MB/,
    );
  });
});
