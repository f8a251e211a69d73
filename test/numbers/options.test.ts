/**
 * Options are stated once, in an object that checks, fills in and documents them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  boolean,
  callback,
  integer,
  number,
  oneOf,
  optional,
  readOptions,
  string,
  text,
} from 'sparselab/dist/numbers/options';
import ts from 'typescript-js';

const SOURCE = join(__dirname, '..', '..', '..', 'src');

describe('readOptions', () => {
  const schema = {
    bins: optional(integer({ min: 1, max: 1000 }), 60),
    scale: optional(oneOf(['linear', 'log']), 'linear'),
    top: optional(number({ above: 0 })),
    rho: number({ above: 0, below: 1 }),
  };

  it('gives each option as it was passed, or its default, or undefined where there is none', () => {
    assert.deepEqual(readOptions('f', { rho: 0.5 }, schema), {
      bins: 60,
      scale: 'linear',
      top: undefined,
      rho: 0.5,
    });
    assert.deepEqual(readOptions('f', { rho: 0.1, bins: 5, scale: 'log', top: 2 }, schema), {
      bins: 5,
      scale: 'log',
      top: 2,
      rho: 0.1,
    });
  });

  it('takes undefined as a missing option, and nothing else', () => {
    assert.equal(readOptions('f', { rho: 0.5, bins: undefined }, schema).bins, 60);
    assert.throws(
      () => readOptions('f', { rho: 0.5, bins: null }, schema),
      /^RangeError: bins must .*got null$/,
    );
  });

  it('names an option that is missing, out of its range or unknown', () => {
    assert.throws(() => readOptions('f', {}, schema), /^RangeError: rho must be in \(0, 1\); got undefined$/);
    assert.throws(
      () => readOptions('f', { rho: 0.5, bins: 0 }, schema),
      /^RangeError: bins must be in \[1, 1000\]; got 0$/,
    );
    assert.throws(
      () => readOptions('f', { rho: 0.5, bin: 3 }, schema),
      /^TypeError: f has no option 'bin'; did you mean 'bins'\? It has bins, scale, top, rho$/,
    );
  });

  it('says where an option within another one is', () => {
    assert.throws(
      () => readOptions('schedule.p', { rho: 2 }, schema, 'schedule.p.'),
      /^RangeError: schedule\.p\.rho must be in \(0, 1\); got 2$/,
    );
  });

  it('knows true and false, strings and functions', () => {
    assert.throws(() => boolean('tied', 1 as never), /^TypeError: tied must be true or false; got 1$/);
    assert.throws(() => string('title', 1 as never), /^TypeError: title must be a string; got 1$/);
    assert.equal(string('title', ''), '');
    assert.throws(() => text('store', ''), /^TypeError: store must be a string; got ''$/);
    assert.throws(
      () => callback()('onProgress', 1 as never),
      /^TypeError: onProgress must be a function; got 1$/,
    );
  });
});

describe('documented defaults', () => {
  it('are the ones that the code fills in', () => {
    const complaints = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => complaintsIn(path, readFileSync(join(SOURCE, path), 'utf8')));
    assert.deepEqual(complaints, []);
  });

  it('are compared, so that a wrong one is found', () => {
    const wrong = 'const o = {\n/** Bins. Default: 50. */\nbins: optional(integer(), 60),\n};';
    assert.deepEqual(complaintsIn('f.ts', wrong), [
      'f.ts: bins is 60 by default; its comment: Bins. Default: 50.',
    ]);
  });
});

/** The options with a literal default whose comment says another one. */
function complaintsIn(path: string, code: string): string[] {
  if (!code.includes('optional(')) return [];
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  const complaints: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isCallExpression(node.initializer)) {
      const { expression, arguments: given } = node.initializer;
      const comment = ts.getJSDocCommentsAndTags(node)[0]?.comment;
      const fallback = given[1];
      if (expression.getText() === 'optional' && typeof comment === 'string' && fallback) {
        const said = comment.replace(/[`'"]|(?<=\d)[,_](?=\d{3})/g, '');
        const value = fallback
          .getText()
          .replace(/['"]|(?<=\d)_(?=\d{3})/g, '')
          .replace(/^-/, '−')
          .replace(' / ', '/');
        const computed = /[[{(]/.test(value);
        if (!computed && !said.includes(`Default: ${value}`) && !said.includes(`and ${value}`)) {
          complaints.push(`${path}: ${node.name.getText()} is ${value} by default; its comment: ${comment}`);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return complaints;
}
