import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Verdict } from 'sparselab';

/** Its display in a notebook. */
function bundle(verdict: Verdict): Record<string, string> {
  const display = verdict[Symbol.for('Jupyter.display') as keyof Verdict] as unknown as () => Record<
    string,
    string
  >;
  return display.call(verdict);
}

describe('Verdict', () => {
  it('puts a mark in front of its message: ✓ right, ✗ wrong, ○ unanswered', () => {
    assert.equal(String(new Verdict('right', 'Yes.')), '✓ Yes.');
    assert.equal(String(new Verdict('wrong', 'No.')), '✗ No.');
    assert.equal(String(new Verdict('unanswered', 'Well?')), '○ Well?');
  });

  it('has passed only if the answer is right', () => {
    assert.deepEqual(
      (['right', 'wrong', 'unanswered'] as const).map((status) => new Verdict(status, '').passed),
      [true, false, false],
    );
  });

  it('prints as text where nothing richer can be shown', () => {
    assert.equal(inspect(new Verdict('wrong', 'No.')), '✗ No.');
    assert.equal(bundle(new Verdict('wrong', 'No.'))['text/plain'], '✗ No.');
  });

  it('shows what an answer printed as text, never as markup', () => {
    const html = bundle(new Verdict('wrong', 'it gives <b>1 & 2</b>'))['text/html'] ?? '';
    assert.match(html, /it gives &lt;b&gt;1 &amp; 2&lt;\/b&gt;/);
  });
});
