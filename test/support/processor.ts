import type { TestContext } from 'node:test';

import processor = require('sparselab/dist/engine/native/processor');

/** Lets the library see a processor with these instructions while a test runs, whatever the machine's is. */
export function withProcessor(context: TestContext, ...features: readonly string[]): void {
  context.mock.method(processor, 'processorFeatures', () => features);
}
