import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  button,
  checkbox,
  dropdown,
  hbox,
  html,
  interact,
  intSlider,
  logSlider,
  progressBar,
  slider,
  textField,
  vbox,
} from 'sparselab';

describe('a control', () => {
  it('begins in the middle, of a logarithmic scale in its geometric middle', () => {
    assert.equal(slider(0, 2).value, 1);
    assert.equal(intSlider(1, 4).value, 3);
    assert.ok(Math.abs(logSlider(1e-5, 1e-1).value - 1e-3) < 1e-15);
    assert.equal(dropdown(['a', 'b']).value, 'a');
    assert.equal(checkbox().value, false);
    assert.equal(progressBar(3).value, 0);
  });

  it('has the position that a number misses by a rounding, and any other number of its range as it is', () => {
    const number = slider(0, 1, { step: 0.05, value: 3 * 0.05 });
    assert.equal(number.value, 0.15);
    for (const [given, value] of [
      [0.1 + 0.2, 0.3],
      [1 + Number.EPSILON, 1],
      [-1e-17, 0],
      [0.123, 0.123],
    ] as const) {
      number.value = given;
      assert.ok(Object.is(number.value, value), `${given}`);
    }
    const signed = slider(-0.3, 0.3, { step: 0.1, value: -0.3 + 3 * 0.1 });
    assert.ok(Object.is(signed.value, 0));
    const whole = intSlider(0, 9, { value: 9.000000000000002 });
    assert.equal(whole.value, 9);
    const strength = logSlider(1e-5, 1e-1, { value: 10 ** -2.9999999999999996 });
    assert.equal(strength.value, 0.001);
    strength.value = 3e-4;
    assert.equal(strength.value, 3e-4);
    const bar = progressBar(1);
    let filled = 0;
    for (let part = 0; part < 10; part++) bar.value = filled += 0.1;
    assert.equal(bar.value, 1);
    bar.value = 1 + Number.EPSILON;
    assert.equal(bar.value, 1);
  });

  it('has bounds that are not round numbers as they were given', () => {
    const [low, high] = [1 / 3, Math.PI];
    for (const make of [slider, logSlider]) {
      assert.equal(make(low, high, { value: low }).value, low);
      assert.equal(make(low, high, { value: high }).value, high);
    }
  });

  it('can be given a value, and tells its listeners until they leave', () => {
    const heard: number[] = [];
    const rho = slider(0, 1, { value: 0.05 });
    const leave = rho.onChange((value) => heard.push(value));
    rho.value = 0.1;
    leave();
    rho.value = 0.2;
    assert.deepEqual([heard, rho.value], [[0.1], 0.2]);
  });

  it('chooses among values of any kind, named or not', () => {
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    const choice = dropdown({ first: one, second: two }, { value: two });
    assert.equal(choice.value, two);
    choice.value = one;
    assert.equal(choice.value, one);
    assert.equal(dropdown({ none: undefined, one }, { value: undefined }).value, undefined);
  });

  it('refuses what it cannot be, naming argument, range and value', () => {
    assert.throws(() => slider(1, 0), /^RangeError: max must be above 1; got 0$/);
    assert.throws(() => slider(0, 1, { value: 2 }), /^RangeError: value must be in \[0, 1\]; got 2$/);
    assert.throws(
      () => slider(0, 1, { lable: 'x' } as object),
      /slider has no option 'lable'; did you mean 'label'\? It has label/,
    );
    assert.throws(() => intSlider(0, 2.5), /max must be an integer above 0; got 2.5/);
    assert.throws(() => intSlider(0, 9, { value: 1.5 }), /value must be an integer in \[0, 9\]; got 1.5/);
    assert.throws(() => logSlider(0, 1), /min must be above 0; got 0/);
    assert.throws(() => dropdown([]), /choices must not be empty/);
    assert.throws(() => dropdown(['a', 'b'], { value: 'c' }), /value must be one of a, b; got 'c'/);
    assert.throws(() => checkbox('yes' as unknown as boolean), /value must be true or false; got 'yes'/);
    assert.throws(() => textField(3 as unknown as string), /value must be a string; got 3/);
    const bar = progressBar(10);
    assert.throws(() => {
      bar.value = 11;
    }, /value must be in \[0, 10\]; got 11/);
    assert.equal(bar.value, 0);
  });

  it('is a line of text where no page draws it, and a box those of what is in it', () => {
    const box = vbox(
      hbox(slider(0, 1, { label: 'rho' })),
      button('Go'),
      html('<b>x</b>'),
      textField('Ada', { label: 'name' }),
    );
    assert.equal(inspect(box), 'rho: 0.5\n[Go]\n<b>x</b>\nname: Ada');
    const display = (box as unknown as Record<symbol, () => object>)[Symbol.for('Jupyter.display')];
    assert.deepEqual(display?.call(box), { 'text/plain': String(box) });
  });
});

describe('interact', () => {
  it('runs once with the first values where there is no page', async () => {
    const seen: unknown[] = [];
    await interact({ lambda: logSlider(1e-4, 1), tied: checkbox(true) }, ({ lambda, tied, signal }) => {
      seen.push(lambda, tied, signal.aborted);
    });
    assert.deepEqual(seen, [0.01, true, false]);
  });

  it('fails with the error of the first run', async () => {
    await assert.rejects(
      interact({ a: checkbox() }, () => {
        throw new RangeError('no');
      }),
      /^RangeError: no$/,
    );
  });

  it('runs for the newest value alone, never twice at a time, and aborts the run for an older one', async () => {
    const n = intSlider(0, 9, { value: 0 });
    const begun: number[] = [];
    const aborted: number[] = [];
    let running = 0;
    await interact({ n }, async ({ n: value, signal }) => {
      assert.equal(++running, 1);
      begun.push(value);
      // The slider moves on while the first two run: those for 1 and 2 are never wanted in the end.
      if (value === 0) for (const next of [1, 2, 3]) n.value = next;
      else if (value === 3) n.value = 4;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (signal.aborted) aborted.push(value);
      running--;
    });
    assert.deepEqual(
      [begun, aborted],
      [
        [0, 3, 4],
        [0, 3],
      ],
    );
  });

  it('refuses what is not a control, and a name that is taken', async () => {
    const wrong = { a: 3 } as unknown as { a: ReturnType<typeof checkbox> };
    await assert.rejects(
      interact(wrong, () => 0),
      /a must be a control; got 3/,
    );
    await assert.rejects(
      interact({ signal: checkbox() }, () => 0),
      /no control can be named signal/,
    );
  });
});
