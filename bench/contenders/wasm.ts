/**
 * Sparselab's eager engine on WebAssembly, for a tenth of an epoch.
 *
 * @module
 */
import { createEngine } from 'sparselab/dist/engine';
import { EXAMPLES, INPUT, images, meanOf, orderOfTenth, serve, work } from './common';
import { members } from './members';

async function main(): Promise<void> {
  const models = members();
  const { runner } = await createEngine({
    members: models,
    source: { values: images(), count: EXAMPLES, dim: INPUT, scale: 1 / 255 },
    batchSizes: [work.batchSize],
  });
  await serve((number) => {
    const [losses = new Float32Array()] = runner.run(orderOfTenth(number), work.batchSize);
    const terms: readonly string[] = models[0]?.step.terms ?? [];
    return { loss: meanOf([...losses], terms.indexOf('total'), terms.length) };
  });
}

void main();
