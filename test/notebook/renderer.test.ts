import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';

const source = readFileSync(
  join(__dirname, '..', '..', '..', 'src', 'notebook', 'labextension', 'remoteEntry.js'),
  'utf8',
);
const MIME_TYPE = 'application/vnd.plotly.v1+json';

/** As much of an HTML element as the renderer touches. */
class FakeElement {
  readonly style: Record<string, string> = {};
  readonly classes = new Set<string>();
  readonly classList = { contains: (name: string) => this.classes.has(name) };
  readonly children: FakeElement[] = [];
  hidden = false;
  textContent = '';
  offsetWidth = 600;
  src = '';
  onload: (() => void) | undefined;
  onerror: (() => void) | undefined;

  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }

  setAttribute(): void {}
}

interface FakeWidget {
  node: FakeElement;
  renderModel(model: { data: Record<string, unknown> }): Promise<void>;
  dispose(): void;
}

/** A page with the renderer in it, and a plotly.js that writes down what it is asked to do. */
async function openPage({ loads = true } = {}) {
  const calls: { what: string; node: FakeElement; figure?: unknown }[] = [];
  const scripts: FakeElement[] = [];
  const resizes: (() => void)[] = [];
  /** Set to hold the drawing of a figure until it is called. */
  const gate: { open: Promise<void> } = { open: Promise.resolve() };
  const Plotly = {
    async react(node: FakeElement, data: { changed?: boolean }[], layout: unknown, config: unknown) {
      calls.push({ what: 'react', node, figure: structuredClone({ data, layout, config }) });
      node.classes.add('js-plotly-plot');
      for (const trace of data) trace.changed = true;
      await gate.open;
    },
    purge: (node: FakeElement) => calls.push({ what: 'purge', node }),
    Plots: { resize: (node: FakeElement) => calls.push({ what: 'resize', node }) },
  };
  class Widget {
    node = new FakeElement();
    isDisposed = false;
    addClass(name: string) {
      this.node.classes.add(name);
    }
    dispose() {
      this.isDisposed = true;
    }
  }
  const panels: unknown[] = [];
  const window: Record<string, unknown> = {
    sparselabUnitPanel: () => async (data: unknown) => panels.push(data),
  };
  const document = {
    currentScript: { src: 'http://localhost/lab/extensions/sparselab-plotly/static/remoteEntry.0.js' },
    createElement: () => new FakeElement(),
    head: {
      append(script: FakeElement) {
        scripts.push(script);
        if (loads) window.Plotly = Plotly;
        setImmediate(() => (loads ? script.onload?.() : script.onerror?.()));
      },
    },
  };
  const ResizeObserver = class {
    constructor(callback: () => void) {
      resizes.push(callback);
    }
    observe() {}
    disconnect() {
      calls.push({ what: 'disconnect', node: new FakeElement() });
    }
  };
  runInContext(
    source,
    createContext({ window, document, ResizeObserver, URL, structuredClone, Promise, Error }),
  );
  const container = (window._JUPYTERLAB as Record<string, Container>)['sparselab-plotly'] as Container;
  container.init({ '@lumino/widgets': { '2.7.0': { get: async () => () => ({ Widget }) } } });
  const [extension, units] = (await container.get('./mimeExtension'))();
  return { calls, scripts, resizes, gate, container, extension, units, panels };
}

interface Container {
  init(scope: object): void;
  get(name: string): Promise<() => [Extension, Extension]>;
}

interface Extension {
  id: string;
  rank: number;
  rendererFactory: { mimeTypes: string[]; safe: boolean; createRenderer(): FakeWidget };
}

function model(figure: unknown) {
  return { data: { [MIME_TYPE]: figure } };
}

describe('the renderer of figures in JupyterLab', () => {
  it('offers itself for Plotly figures, as JupyterLab expects a MIME extension', async () => {
    const { extension } = await openPage();
    assert.equal(extension.id, 'sparselab-plotly:figures');
    assert.deepEqual([...extension.rendererFactory.mimeTypes], [MIME_TYPE]);
    assert.equal(extension.rendererFactory.safe, true);
  });

  it('offers itself for unit panels as well, before the figure in the same output', async () => {
    const { extension, units, panels, scripts } = await openPage();
    assert.deepEqual([...units.rendererFactory.mimeTypes], ['application/vnd.sparselab.units+json']);
    assert.ok(units.rank < extension.rank, 'JupyterLab takes the lowest');
    const widget = units.rendererFactory.createRenderer();
    await widget.renderModel({ data: { 'application/vnd.sparselab.units+json': { units: [1] } } });
    assert.deepEqual(panels, [{ units: [1] }]);
    assert.equal(scripts.length, 0, 'a panel needs no plotly.js');
  });

  it('loads plotly.js once a page, from next to itself, and not before a figure needs it', async () => {
    const { extension, scripts } = await openPage();
    const [a, b] = [extension.rendererFactory.createRenderer(), extension.rendererFactory.createRenderer()];
    assert.equal(scripts.length, 0);
    await Promise.all([a.renderModel(model({ data: [] })), b.renderModel(model({ data: [] }))]);
    assert.deepEqual(
      scripts.map(({ src }) => src),
      ['http://localhost/lab/extensions/sparselab-plotly/static/plotly.js'],
    );
  });

  it('redraws an update on the same node, with Plotly.react', async () => {
    const { extension, calls } = await openPage();
    const widget = extension.rendererFactory.createRenderer();
    for (let frame = 0; frame < 20; frame++) {
      await widget.renderModel(model({ data: [{ y: [frame] }], layout: {}, config: {} }));
    }
    assert.deepEqual(new Set(calls.map(({ what }) => what)), new Set(['react']));
    assert.equal(calls.length, 20);
    assert.equal(new Set(calls.map(({ node }) => node)).size, 1);
    assert.deepEqual(calls.at(-1)?.figure, { data: [{ y: [19] }], layout: {}, config: {} });
  });

  it('leaves out frames that come while it draws, but never the last', async () => {
    const { extension, calls, gate } = await openPage();
    const widget = extension.rendererFactory.createRenderer();
    await widget.renderModel(model({ data: [{ y: [0] }] }));
    let open = () => {};
    gate.open = new Promise((resolve) => {
      open = resolve;
    });
    const frames = [1, 2, 3, 4].map((frame) => widget.renderModel(model({ data: [{ y: [frame] }] })));
    await new Promise((resolve) => setImmediate(resolve));
    open();
    await Promise.all(frames);
    const drawn = calls.map(({ figure }) => (figure as { data: { y: number[] }[] }).data[0]?.y[0]);
    assert.equal(drawn[0], 0);
    assert.equal(drawn.at(-1), 4);
    assert.ok(drawn.length < 5);
  });

  it('does not let plotly.js write into what the notebook saves', async () => {
    const { extension } = await openPage();
    const figure = { data: [{ y: [1] }] };
    await extension.rendererFactory.createRenderer().renderModel(model(figure));
    assert.deepEqual(figure, { data: [{ y: [1] }] });
  });

  it('shows what is wrong with a figure in words, and the next good one as a figure', async () => {
    const { extension } = await openPage();
    const widget = extension.rendererFactory.createRenderer();
    const [plot, problem] = widget.node.children;
    await widget.renderModel(model({ nodata: 1 }));
    assert.match(
      problem?.textContent ?? '',
      /^This figure cannot be drawn: .* must be an object with a list of traces, "data"; got \{"nodata":1\}$/,
    );
    assert.deepEqual([plot?.hidden, problem?.hidden], [true, false]);
    await widget.renderModel(model({ data: [] }));
    assert.deepEqual([plot?.hidden, problem?.hidden], [false, true]);
  });

  it('says when plotly.js cannot be loaded, and tries again for the next figure', async () => {
    const { extension, scripts } = await openPage({ loads: false });
    const widget = extension.rendererFactory.createRenderer();
    await widget.renderModel(model({ data: [] }));
    assert.match(
      widget.node.children[1]?.textContent ?? '',
      /plotly\.js could not be loaded from http.*npm start/,
    );
    await widget.renderModel(model({ data: [] }));
    assert.equal(scripts.length, 2);
  });

  it('fits the figure to its panel, unless the panel is hidden', async () => {
    const { extension, calls, resizes } = await openPage();
    const widget = extension.rendererFactory.createRenderer();
    resizes[0]?.();
    assert.equal(calls.length, 0, 'nothing is drawn yet');
    await widget.renderModel(model({ data: [] }));
    resizes[0]?.();
    assert.equal(calls.at(-1)?.what, 'resize');
    const [plot] = widget.node.children;
    if (plot) plot.offsetWidth = 0;
    resizes[0]?.();
    assert.equal(calls.filter(({ what }) => what === 'resize').length, 1);
  });

  it('gives back what plotly.js holds when it is closed, once', async () => {
    const { extension, calls } = await openPage();
    const widget = extension.rendererFactory.createRenderer();
    await widget.renderModel(model({ data: [] }));
    widget.dispose();
    widget.dispose();
    assert.deepEqual(
      calls.map(({ what }) => what),
      ['react', 'disconnect', 'purge'],
    );
  });

  it('refuses a module that it does not have, and a page without Lumino', async () => {
    const { container } = await openPage();
    await assert.rejects(container.get('./other'), /sparselab-plotly has no module \.\/other/);
    container.init({});
    await assert.rejects(
      container.get('./mimeExtension'),
      /needs @lumino\/widgets; this page does not share it/,
    );
  });
});
