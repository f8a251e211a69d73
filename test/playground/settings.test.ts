import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fragmentOf, settingsOf } from 'sparselab/dist/playground/fragment';
import { ailments, starts } from 'sparselab/dist/playground/presets';
import {
  choiceOf,
  defaults,
  fitted,
  isUsed,
  ladderOf,
  type Settings,
  settingNames,
} from 'sparselab/dist/playground/settings';

/** Any settings that the page's controls can make. */
const anySettings = fc
  .record(
    Object.fromEntries(
      settingNames.map((name) => {
        const values = ladderOf(name)?.values ?? Object.keys(choiceOf(name)?.names ?? {});
        // Own pictures are in no link.
        return [name, fc.constantFrom(...values.filter((value) => value !== 'own'))];
      }),
    ),
  )
  .map((record) => fitted(record as unknown as Settings));

describe('the settings of the playground', () => {
  it('come back from a link as they were', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        assert.deepEqual(settingsOf(`#${fragmentOf(settings)}`), { settings, complaints: [] });
      }),
    );
  });

  it('are the defaults where a link says nothing, and a link to the defaults says nothing', () => {
    assert.deepEqual(settingsOf(''), { settings: defaults, complaints: [] });
    assert.equal(fragmentOf(defaults), '');
  });

  it('are permitted ones whatever a link says, and each thing that was refused is named', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        const query = new URLSearchParams([[name, value]]);
        const { settings, complaints } = settingsOf(`#${query}`);
        assert.deepEqual(fitted(settings), settings);
        if (name !== '' && !(settingNames as readonly string[]).includes(name))
          assert.equal(complaints.length, 1);
      }),
    );
    const { settings, complaints } = settingsOf('#units=65&rate=1e99&data=cats&k=&colour=red&seed=NaN');
    assert.deepEqual(
      [settings.units, settings.rate, settings.data, settings.k, settings.seed],
      [64, 100, defaults.data, defaults.k, defaults.seed],
    );
    assert.deepEqual(complaints, [
      '“units” must be a value of its slider; the link says “65”, and 64 was taken.',
      '“rate” must be a number from 0.00001 to 100; the link says “1e99”, and 100 was taken.',
      '“data” must be one of patches, digits, bars, mnist, own; the link says “cats”, and patches was taken.',
      '“k” must be a number from 1 to 32; the link says “”, and 6 was taken.',
      'There is no setting “colour”.',
      '“seed” must be a number from 1 to 9; the link says “NaN”, and 1 was taken.',
    ]);
  });

  it('name own pictures in no link', () => {
    const { settings, complaints } = settingsOf('#data=own&units=16');
    assert.deepEqual([settings.data, settings.units], [defaults.data, 16]);
    assert.match(complaints.join(), /own pictures are in no link/);
  });

  it('fit each other: no more active units than there are, and nothing set that is not used', () => {
    const few = fitted({ ...defaults, units: 4, k: 32 });
    assert.equal(few.k, 4);
    assert.equal(fitted({ ...defaults, method: 'none', strength: 3 }).strength, defaults.strength);
    // A sigmoid's output has no mean to be subtracted.
    assert.equal(fitted({ ...defaults, output: 'sigmoid', mean: 'subtracted' }).mean, 'kept');
    assert.equal(isUsed('mean', { ...defaults, output: 'sigmoid' }), false);
  });

  it('of every preset are values of the controls', () => {
    for (const { title, settings } of [...starts, ...Object.values(ailments)]) {
      assert.deepEqual(settingsOf(fragmentOf(settings)), { settings, complaints: [] }, title);
    }
  });
});
