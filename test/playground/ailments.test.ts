import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { backendReady, type Diagnosis, type DiagnosisName } from 'sparselab';
import { cureOf } from 'sparselab/dist/playground/cures';
import type { ToPage } from 'sparselab/dist/playground/messages';
import { ailments, starts } from 'sparselab/dist/playground/presets';
import { Session } from 'sparselab/dist/playground/session';
import type { Settings } from 'sparselab/dist/playground/settings';

/** The messages to the page about a training with these settings. */
async function told(settings: Settings): Promise<ToPage[]> {
  const messages: ToPage[] = [];
  const session = new Session({ post: (message) => messages.push(message), wait: async () => {} });
  await session.hear({ kind: 'start', training: 7, settings });
  await session.hear({ kind: 'run', epochs: settings.epochs, perSecond: Number.POSITIVE_INFINITY });
  return messages;
}

async function diagnosed(settings: Settings): Promise<readonly Diagnosis[]> {
  const last = (await told(settings)).at(-1);
  assert.equal(last?.kind, 'rested', JSON.stringify(last));
  return last.diagnoses;
}

const dead = (found: readonly Diagnosis[]) =>
  found.find(({ name }) => name === 'dead units')?.units?.length ?? 0;

describe('each preset of an ailment', () => {
  before(backendReady);
  for (const [name, { settings }] of Object.entries(ailments) as [DiagnosisName, { settings: Settings }][]) {
    it(`has it, and its cure helps: ${name}`, async () => {
      const found = await diagnosed(settings);
      const ailment = found.find((each) => each.name === name);
      assert.ok(ailment, `${found.map((each) => each.name)}`);
      const cure = cureOf(ailment, settings);
      assert.ok(cure, ailment.cure);
      assert.match(cure.words, / → /);
      const after = await diagnosed(cure.settings);
      // Of several reasons why units die the first is removed; the next diagnosis names the next.
      if (name === 'dead units') assert.ok(dead(after) < dead(found), `${dead(found)} → ${dead(after)}`);
      else assert.ok(!after.some((each) => each.name === name), `still ${name} with ${cure.words}`);
    });
  }
});

describe('the first preset', () => {
  it('is a training with which nothing is wrong', async () => {
    assert.deepEqual(await diagnosed(starts[0]?.settings as Settings), []);
  });
});

describe('what the page is told', () => {
  it('is what there is before the first epoch, then each row once, then how it came to rest', async () => {
    const settings = { ...ailments['nothing learned'].settings, epochs: 3 };
    const messages = await told(settings);
    assert.equal(messages[0]?.kind, 'started');
    const shown = messages.flatMap((message) => ('rows' in message ? [message] : []));
    assert.equal(shown[0]?.snapshot.tiles.length, 64 * settings.units);
    const steps = shown.flatMap(({ rows }) => rows.map(({ step }) => step));
    assert.deepEqual(steps, [...new Set(steps)]);
    // 1797 examples in batches of at most 128 are 15 steps.
    assert.equal(steps.at(-1), 3 * 15);
  });

  it('is an error in words where the data cannot be had', async () => {
    const messages: ToPage[] = [];
    const session = new Session({ post: (message) => messages.push(message), wait: async () => {} });
    const tiny = { name: 'dot.png', width: 2, height: 2, pixels: new Float32Array(4) };
    await session.hear({
      kind: 'start',
      training: 7,
      settings: { ...ailments.diverged.settings, data: 'own' },
      own: [tiny],
    });
    assert.deepEqual(messages.at(-1), {
      kind: 'failed',
      training: 7,
      reason: 'dot.png must have at least 8 × 8 pixels; it has 2 × 2',
    });
  });
});
