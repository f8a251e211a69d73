/**
 * The measurements on disk: bench/results.json, and its figure for the README.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { figure } from './figure';
import type { Result } from './table';

const root = join(__dirname, '..', '..');
const resultsFile = join(root, 'bench', 'results.json');
const figureFile = join(root, 'docs', 'bench.svg');

interface Results {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly results: readonly Result[];
  readonly kernels?: object;
  readonly sweeps?: object;
  readonly browser?: object;
  readonly browserLessons?: object;
}

/** Puts a result in place of an older one of the same work, all in `order`, and redraws the figure. */
export function saveResult(result: Result, order: readonly { readonly name: string }[]): void {
  const earlier = read();
  const all = new Map([...earlier.results, result].map((each) => [each.work, each]));
  const results = order.flatMap(({ name }) => all.get(name) ?? []);
  write({ ...earlier, results });
  mkdirSync(dirname(figureFile), { recursive: true });
  writeFileSync(figureFile, figure(results.filter(({ contenders }) => contenders.length > 1)));
}

/** Puts what a bench of its own has measured in place of an older result of it. */
export function save(measured: Omit<Partial<Results>, 'machine' | 'results'>): void {
  write({ ...read(), ...measured });
}

function read(): Results {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
  };
  const earlier = existsSync(resultsFile)
    ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results)
    : undefined;
  return { results: [], ...earlier, machine };
}

function write(results: Results): void {
  writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 1)}\n`);
}

const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
