/**
 * A training of the playground as the code of a lesson's cell.
 *
 * @module
 */
import { Code, type Expression, namesIn, print } from './expression';
import { recipeOf } from './recipe';
import { numberText, type Settings } from './settings';
import type { Stretch } from './trainer';

/**
 * A cell that trains the same model, to the last bit on the same WebAssembly.
 *
 * @param inputDim Numbers in an example.
 * @param stretches What was trained so far; before the first epoch the settings are all there is.
 */
export function lessonCode(settings: Settings, inputDim: number, stretches: readonly Stretch[]): string {
  const { data, scale, model, penalty, training } = recipeOf(settings);
  const trained = stretches.length > 0 ? stretches : [{ ...settings }];
  const lines: string[] = [];
  if (data === undefined) {
    lines.push('// Your own pictures: rows of numbers, one picture or piece of a picture per row.');
    lines.push(`const rows: number[][] = [];`, 'const data = Dataset.fromRows(rows);');
  } else if (scale === 1) lines.push(`const data = ${print(data)};`);
  else {
    const factor = scale > 1 ? '* 255' : '/ 255';
    lines.push(`const right = ${print(data)};`);
    lines.push(`const data = new Dataset({ ...right, scale: right.scale ${factor} });`);
  }
  lines.push(`const model = new SparseAutoencoder(${print({ inputDim, ...model })});`);
  trained.forEach((stretch, index) => {
    const before = trained[index - 1];
    const resumed = before && {
      resume: new Code('history.state', [], () => undefined),
      mayChange: penalty ? ['strength', 'learningRate'] : ['learningRate'],
    };
    const { epochs, strength, rate } = stretch;
    const options = { penalty: penalty?.(strength), learningRate: rate, epochs, ...training, ...resumed };
    if (before)
      lines.push(
        `// From epoch ${before.epochs} on with ${changed(before, stretch, penalty !== undefined)}.`,
      );
    const declaration = before ? '' : trained.length > 1 ? 'let ' : 'const ';
    lines.push(`${declaration}history = await train(model, data, ${inLines(options)});`);
  });
  const last = trained.at(-1) as Stretch;
  const finalPenalty = penalty && `, { penalty: ${print(penalty(last.strength))} }`;
  lines.push('console.log(history.last.mse);');
  lines.push(`diagnose(model, data${finalPenalty ?? ''})`);
  const names = [data, model, penalty?.(last.strength), training].flatMap((part) => namesIn(part));
  const classes = [
    'SparseAutoencoder',
    'train',
    'diagnose',
    ...(scale !== 1 || data === undefined ? ['Dataset'] : []),
  ];
  const imports = [...new Set([...names, ...classes])].sort((a, b) =>
    a.toLowerCase() < b.toLowerCase() ? -1 : 1,
  );
  return `import { ${imports.join(', ')} } from 'sparselab';\n\n${lines.join('\n')}\n`;
}

/** An object with a line for each of its entries. */
function inLines(object: Readonly<Record<string, Expression>>): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return `{\n${entries.map(([name, value]) => `  ${name}: ${print(value)},\n`).join('')}}`;
}

function changed(before: Stretch, now: Stretch, hasPenalty: boolean): string {
  const parts = [
    ...(hasPenalty && before.strength !== now.strength ? [`strength ${numberText(now.strength)}`] : []),
    ...(before.rate !== now.rate ? [`learning rate ${numberText(now.rate)}`] : []),
  ];
  return parts.join(' and ');
}
