import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from 'sparselab/dist/provenance/canonicalJson';

describe('canonicalJson', () => {
  it('is one text for equal values, whatever the order of their keys, and reads back the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ depthSize: 'small' })), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(value), canonicalJson(reversed));
        // JSON has one zero only.
        assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
      }),
    );
  });

  it('refuses what JSON would lose, naming where it is', () => {
    assert.throws(
      () => canonicalJson({ a: [1, Number.NaN] }, 'trial'),
      /trial\.a\[1\] must be .* JSON .* got NaN/,
    );
    assert.throws(() => canonicalJson({ a: () => 1 }), /value\.a .* got a function/);
    assert.throws(() => canonicalJson(new Map()), /got an object \(Map\)/);
    assert.throws(() => canonicalJson({ a: undefined }), /value\.a .* got undefined/);
  });
});
