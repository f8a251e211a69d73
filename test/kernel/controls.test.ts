import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { JsonObject, Message } from 'sparselab/dist/kernel/node/wire/message';
import { contents, plain, streamText, TestKernel, within } from './testKernel';

interface Opened {
  readonly id: string;
  readonly state: JsonObject;
}

describe('controls in a page', () => {
  let kernel: TestKernel;
  let from = 0;
  const published = (type: string): Message[] =>
    kernel.published.slice(from).filter(({ header }) => header.msg_type === type);
  /** All widgets opened since the test began, by their model. */
  const opened = (model: string): Opened[] =>
    published('comm_open')
      .map(({ content }) => ({
        id: String(content.comm_id),
        state: (content.data as { state: JsonObject }).state,
      }))
      .filter(({ state }) => state._model_name === model);
  const tell = (id: string, data: JsonObject) =>
    kernel.request('shell', 'comm_msg', { comm_id: id, data: { buffer_paths: [], ...data } });
  const move = (id: string, state: JsonObject) => tell(id, { method: 'update', state });
  const run = async (code: string) => {
    const outcome = await kernel.execute(code);
    assert.equal(outcome.reply.status, 'ok', String(outcome.reply.evalue));
    return outcome;
  };

  before(async () => {
    kernel = await TestKernel.start();
    await kernel.run(`import { button, checkbox, dropdown, hbox, interact, intSlider, logSlider, outputArea, slider, Figure } from 'sparselab';
      const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));`);
  });
  beforeEach(() => {
    from = kernel.published.length;
  });
  after(() => kernel.stop());

  it('are models of Jupyter’s own packages, opened when they are shown, children first', async () => {
    const outcome = await run("const l = logSlider(1e-5, 1e-1, { label: 'lambda' }); hbox(l)");
    const [{ id, state } = assert.fail('no slider')] = opened('FloatLogSliderModel');
    const { _model_module, _view_name, min, max, base, value, description } = state;
    assert.deepEqual(
      { _model_module, _view_name, min, max, base, value, description },
      {
        _model_module: '@jupyter-widgets/controls',
        _view_name: 'FloatLogSliderView',
        min: -5,
        max: -1,
        base: 10,
        value: 0.001,
        description: 'lambda',
      },
    );
    const [box] = opened('HBoxModel');
    assert.deepEqual(box?.state.children, [`IPY_MODEL_${id}`]);
    const [{ metadata, content } = assert.fail()] = published('comm_open');
    assert.deepEqual([metadata, content.target_name], [{ version: '2.1.0' }, 'jupyter.widget']);
    assert.deepEqual(contents(outcome, 'execute_result')[0]?.data, {
      'text/plain': 'lambda: 0.001',
      'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 0, model_id: box?.id },
    });
  });

  it('follow the user, and tell all pages so', async () => {
    await run(
      "const c = dropdown({ dense: 1, sparse: 2 }); c.onChange((value) => console.log('now', value)); c",
    );
    const [{ id } = assert.fail()] = opened('DropdownModel');
    const moved = await move(id, { index: 1 });
    assert.deepEqual(
      contents(moved, 'comm_msg').map(({ data }) => data),
      [{ method: 'echo_update', state: { index: 1 }, buffer_paths: [] }],
    );
    assert.equal(streamText(kernel.published.slice(from), 'stdout'), 'now 2\n');
    assert.equal(await kernel.run('c.value'), '2');
  });

  it('score what was marked in the game about a unit when its button is pressed', async () => {
    await run(`import { explainUnit, loadDigits, SparseAutoencoder } from 'sparselab';
      const game = explainUnit(new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 }), loadDigits(), 0);
      game`);
    const boxes = opened('CheckboxModel');
    assert.equal(boxes.length, 12);
    const fires = await kernel.run('JSON.stringify(game.questions.map(({ fires }) => fires))');
    for (const [index, value] of (JSON.parse(String(fires).slice(1, -1)) as boolean[]).entries())
      await move(boxes[index]?.id ?? '', { value });
    const [{ id } = assert.fail()] = opened('ButtonModel');
    const pressed = await tell(id, { method: 'custom', content: { event: 'click' } });
    assert.match(
      JSON.stringify(contents(pressed, 'comm_msg')),
      /yours: strong 3 of 3, weak 3 of 3, silent 6 of 6/,
    );
    assert.equal(await kernel.run('game.scores.map(({ score }) => score).join()'), "'1'");
  });

  it('take back in the page what they cannot be', async () => {
    await run("const t = checkbox(true); t.onChange(() => console.log('changed')); t");
    const [{ id } = assert.fail()] = opened('CheckboxModel');
    for (const value of ['no', null, 3, {}]) {
      const moved = await move(id, { value });
      assert.deepEqual(contents(moved, 'comm_msg').at(-1)?.data, {
        method: 'update',
        state: { value: true },
        buffer_paths: [],
      });
    }
    await tell(id, { method: 'update' });
    await tell(id, { method: 'what', state: 3 });
    assert.equal(streamText(kernel.published.slice(from), 'stdout'), '');
    assert.equal(await kernel.run('t.value'), 'true');
  });

  it('have what the page sends taken to their nearest position, and tell the page so', async () => {
    await run(`const tenth = slider(0, 1, { step: 0.1 }); const even = intSlider(1, 10, { step: 2, value: 1 });
      const decade = logSlider(1e-4, 1, { perDecade: 1 }); let changes = 0;
      for (const each of [tenth, even, decade]) each.onChange(() => { changes++; }); hbox(tenth, even, decade)`);
    const cases = [
      ['FloatSliderModel', 0.30000000000000004, 0.3],
      ['FloatSliderModel', -1e-17, 0],
      ['FloatSliderModel', 1.0000000000000002, 1],
      ['FloatSliderModel', 0.4321, 0.4],
      ['IntSliderModel', 2.9999999999999996, 3],
      ['IntSliderModel', 6, 7],
      ['IntSliderModel', 10, 10],
      ['FloatLogSliderModel', 10 ** -2.9999999999999996, 0.001],
      ['FloatLogSliderModel', 0.004, 0.01],
    ] as const;
    for (const [model, sent, value] of cases) {
      const [{ id } = assert.fail()] = opened(model);
      const moved = await move(id, { value: sent });
      assert.deepEqual(
        contents(moved, 'comm_msg').map(({ data }) => data),
        [{ method: 'echo_update', state: { value }, buffer_paths: [] }],
      );
    }
    assert.equal(await kernel.run('[tenth.value, even.value, decade.value]'), '[ 0.4, 10, 0.01 ]');
    const [{ id } = assert.fail()] = opened('FloatSliderModel');
    const before = await kernel.run('changes');
    await move(id, { value: 0.4000000000000001 });
    assert.equal(await kernel.run('changes'), before, 'nothing has changed');
    for (const value of [1.1, '0.2', null, {}]) await move(id, { value });
    assert.equal(await kernel.run('tenth.value'), '0.4');
  });

  it('show in the page what the program changes', async () => {
    await run('const i = intSlider(0, 9); i');
    await run('i.value = 7; 0');
    assert.deepEqual(
      published('comm_msg').map(({ content }) => content.data),
      [{ method: 'update', state: { value: 7 }, buffer_paths: [] }],
    );
  });

  it('are found again by a page that was reloaded', async () => {
    await run("const again = checkbox(true, { label: 'again' }); again");
    const [{ id } = assert.fail()] = opened('CheckboxModel');
    const control = { comm_id: 'control', target_name: 'jupyter.widget.control', data: {} };
    await kernel.request('shell', 'comm_open', control);
    const [answer = assert.fail()] = contents(
      await tell('control', { method: 'request_states' }),
      'comm_msg',
    );
    const { method, states } = answer.data as { method: string; states: Record<string, JsonObject> };
    assert.equal(method, 'update_states');
    const { model_name, state } = states[id] ?? assert.fail();
    assert.deepEqual([model_name, (state as JsonObject).description], ['CheckboxModel', 'again']);
    const { reply } = await kernel.request('shell', 'comm_info_request', { target_name: 'jupyter.widget' });
    assert.ok(id in (reply.comms as object));
    const [alone = assert.fail()] = contents(await tell(id, { method: 'request_state' }), 'comm_msg');
    assert.deepEqual(alone.data, { method: 'update', state, buffer_paths: [] });
  });

  it('are stopped with what they draw, and draw again when they are moved', async () => {
    await kernel.run(
      "import { loadDigits, SparseAutoencoder, train } from 'sparselab'; const digits = loadDigits();",
    );
    await run(`const stopped = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
      await interact({ epochs: intSlider(1, 1_000_000, { value: 1 }) }, async ({ epochs, signal }) => {
        console.log('trains', epochs);
        const { status } = await train(stopped, digits, { epochs, batchSize: 20, seed: 1, signal });
        console.log('ended', status);
        return status;
      });`);
    const [{ id } = assert.fail()] = opened('IntSliderModel');
    const said = () => streamText(kernel.published.slice(from), 'stdout');
    assert.equal(said(), 'trains 1\nended finished\n');
    for (let again = 0; again < 2; again++) {
      await move(id, { value: 1_000_000 });
      await within('the training', () => said().endsWith('trains 1000000\n'));
      await kernel.interrupt();
      // Later work waits for the last of its steps.
      await kernel.run('await train(stopped, digits, { epochs: 1, batchSize: 20, seed: 1 }); 0');
      assert.equal(await kernel.run('stopped.history?.status'), "'finished'");
      await move(id, { value: 2 });
      await within('the next run', () => said().endsWith('trains 2\nended finished\n'));
    }
    assert.equal(await kernel.run('stopped.history?.last.epoch'), '2');
    assert.doesNotMatch(streamText(kernel.published.slice(from), 'stderr'), /Error/);
  });

  it('leave the page when they are closed', async () => {
    await run('const gone = checkbox(); gone');
    const [{ id } = assert.fail()] = opened('CheckboxModel');
    const outcome = await run('gone.close()');
    assert.deepEqual(contents(outcome, 'comm_close'), [{ comm_id: id, data: {} }]);
  });

  it('leave the page when their cell is run again, but for those that it or another cell still shows', async () => {
    const runAs = async (cellId: string, code: string) => {
      const { reply } = await kernel.execute(code, {}, { cellId });
      assert.equal(reply.status, 'ok', String(reply.evalue));
    };
    const open = () => {
      const closed = new Set(published('comm_close').map(({ content }) => content.comm_id));
      return opened('IntSliderModel')
        .filter(({ id }) => !closed.has(id))
        .map(({ state }) => state.max)
        .sort();
    };
    const show = 'await interact({ own: intSlider(0, 1), kept }, ({ own }) => own);';
    await runAs('a', 'const kept = intSlider(0, 2); kept');
    await runAs('b', show);
    await runAs('c', 'const shared = intSlider(0, 5); shared');
    await runAs('e', 'shared');
    assert.deepEqual(open(), [1, 2, 5]);
    for (let run = 0; run < 3; run++) await runAs('b', show);
    await runAs('c', 'intSlider(0, 3)');
    assert.deepEqual(open(), [1, 2, 3, 5]);
    // One that is shown again is there, if under another name.
    await runAs('d', 'const again = intSlider(0, 4); again');
    await runAs('d', 'hbox(again)');
    assert.deepEqual(open(), [1, 2, 3, 4, 5]);
    assert.ok(Number(await kernel.run('again.value = 4')) === 4);
    assert.equal(opened('IntSliderModel').at(-1)?.id, published('comm_msg').at(-1)?.content.comm_id);
  });

  it('interact: a cell that is run again replaces its older self, whichever cell shows the control', async () => {
    const runAs = async (cellId: string, code: string) => {
      const { reply } = await kernel.execute(code, {}, { cellId });
      assert.equal(reply.status, 'ok', String(reply.evalue));
    };
    const draws = async () => Number(await kernel.run('draws.splice(0).length'));
    await runAs('r1', 'const common = intSlider(0, 99, { value: 0 }); const draws: string[] = []; common');
    const show = (name: string) =>
      `await interact({ common }, ({ common }) => { draws.push('${name}'); return common; });`;
    for (let time = 0; time < 5; time++) await runAs('r2', `${show('one')} ${show('two')}`);
    await runAs('r3', show('three'));
    // Without names of cells the same lines over the same controls are the same cell.
    for (let time = 0; time < 5; time++) await run(show('four'));
    await draws();
    const [{ id } = assert.fail()] = opened('IntSliderModel').slice(-1);
    await move(id, { value: 1 });
    await within('the draws', async () => (await kernel.run('draws.length')) === '4');
    assert.deepEqual(await kernel.run('draws.splice(0).sort().join()'), "'four,one,three,two'");
    // Also where what the cell is now shows nothing.
    await runAs('r2', '0');
    await runAs('r3', 'common.onChange(() => { draws.push("heard"); });');
    await runAs('r3', 'common.onChange(() => { draws.push("heard"); });');
    await move(id, { value: 2 });
    await within('the draws', async () => (await kernel.run('draws.length')) === '2');
    assert.deepEqual(await kernel.run('draws.sort().join()'), "'four,heard'");
  });

  it('interact: a training of an older self is aborted when the cell is run again', async () => {
    await run(`const level = intSlider(0, 9, { value: 0 }); const ends: string[] = []; level`);
    const cell = `await interact({ level }, async ({ level, signal }) => {
      if (level === 0 || ends.length > 0) return 'shown'; ends.push('begun'); await soon(20); while (!signal.aborted) await soon(5);
      ends.push('aborted'); return 'never shown'; });`;
    const again = () => kernel.execute(cell, {}, { cellId: 'level' });
    await again();
    const [{ id } = assert.fail()] = opened('IntSliderModel').slice(-1);
    await move(id, { value: 1 });
    await within('the run', async () => (await kernel.run('ends.join()')) === "'begun'");
    await again();
    await within('its end', async () => (await kernel.run('ends.join()')) === "'begun,aborted'");
    assert.ok(!JSON.stringify(published('update_display_data')).includes('never shown'));
  });

  it('can be pressed, and hold what a cell could show', async () => {
    await run(`const place = outputArea(); const go = button('Go');
      go.onClick(() => place.show(new Figure([], {}), 'text')); hbox(go, place)`);
    const [{ id } = assert.fail()] = opened('ButtonModel');
    const [{ id: output } = assert.fail()] = opened('OutputModel');
    await tell(id, { method: 'custom', content: { event: 'click' } });
    await within('the output', () => published('comm_msg').some(({ content }) => content.comm_id === output));
    const { content } = published('comm_msg').find(({ content }) => content.comm_id === output) as Message;
    const { outputs } = (content.data as { state: { outputs: { data: JsonObject }[] } }).state;
    assert.deepEqual(
      outputs.map(({ data }) => Object.keys(data).sort()),
      [['application/vnd.plotly.v1+json', 'text/plain'], ['text/plain']],
    );
  });

  it('interact: the result changes in its place, and only for where the slider stays', async () => {
    await run(`await interact({ n: intSlider(0, 100, { value: 0 }) }, async ({ n, signal }) => {
      await soon(30); return signal.aborted ? 'never shown' : 'drawn for ' + n; })`);
    const [{ id } = assert.fail()] = opened('IntSliderModel');
    // The controls come first; the result has a place of its own.
    const [controls, first] = published('display_data');
    assert.ok(
      Object.keys(controls?.content.data as JsonObject).includes('application/vnd.jupyter.widget-view+json'),
    );
    assert.deepEqual(first?.content.data, { 'text/plain': "'drawn for 0'" });
    await Promise.all(Array.from({ length: 50 }, (_, n) => move(id, { value: n + 1 })));
    const updates = () => published('update_display_data').map(({ content }) => content);
    const texts = () => updates().map(({ data }) => (data as JsonObject)['text/plain']);
    await within('the last', () => texts().at(-1) === "'drawn for 50'");
    assert.ok(texts().length < 5, `${texts()}`);
    assert.ok(!texts().includes("'never shown'"));
    assert.deepEqual(
      new Set(updates().map(({ transient }) => JSON.stringify(transient))),
      new Set([JSON.stringify(first?.content.transient)]),
    );
  });

  it('interact: an error stands instead of the result, until the next', async () => {
    await run(
      `await interact({ ok: checkbox(true) }, ({ ok }) => { if (!ok) throw new RangeError('not ok'); return 'fine'; })`,
    );
    const [{ id } = assert.fail()] = opened('CheckboxModel');
    const last = () => published('update_display_data').at(-1)?.content.data as JsonObject | undefined;
    await move(id, { value: false });
    await within('the error', () => /RangeError: not ok/.test(plain(String(last()?.['text/plain']))));
    assert.match(String(last()?.['application/vnd.jupyter.stderr']), /at .*In\[\d+\]:1:\d+/);
    await move(id, { value: true });
    await within('the result', () => last()?.['text/plain'] === "'fine'");
    assert.equal(streamText(kernel.published.slice(from), 'stderr'), '');
  });

  it('interact: a stop ends the run that goes on, and the next move begins another', async () => {
    await run(`await interact({ n: intSlider(0, 9, { value: 0 }) }, async ({ n, signal }) => {
      if (n === 1) { console.log('waits'); await soon(1e6); } return 'drawn for ' + n; })`);
    const [{ id } = assert.fail()] = opened('IntSliderModel');
    await move(id, { value: 1 });
    await within('the run', () => streamText(kernel.published.slice(from), 'stdout') === 'waits\n');
    await kernel.interrupt();
    await move(id, { value: 2 });
    await within('the next', () =>
      published('update_display_data').some(
        ({ content }) => (content.data as JsonObject)['text/plain'] === "'drawn for 2'",
      ),
    );
    assert.equal(streamText(kernel.published.slice(from), 'stderr'), '');
  });
});
