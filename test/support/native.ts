import { it, type TestContext } from 'node:test';
import { backendReady } from 'sparselab';

/** Why what only native TensorFlow has cannot be tested here; `undefined` if it can. */
export async function withoutNative(): Promise<string | undefined> {
  const { name, description } = await backendReady();
  return name === 'tensorflow' ? undefined : `this is ${description}, not native TensorFlow`;
}

/** A test of what only native TensorFlow has: its graphs, and its own random numbers and shapes in a compiled step. */
export function itOnNative(title: string, body: (context: TestContext) => void | Promise<void>): void {
  it(title, async (context) => {
    const missing = await withoutNative();
    if (missing) return context.skip(missing);
    await body(context);
  });
}
