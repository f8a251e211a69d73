import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from '../refusals';
import type { Named } from '../step';
import { DataType, type Elements, nativeBackend } from './binding';
import { SERVE_TAG } from './graph';

/** The values of a placeholder: float32, int32 or uint8 by the kind of array. */
export interface Feed {
  readonly values: Elements;
  readonly shape: readonly number[];
}

/** A loaded graph with the values of its variables. */
export class Session {
  readonly #model: number;

  /**
   * Loads a graph through tfjs-node's SavedModel loader, which reads from a folder only: a temporary one, that is
   * gone when this returns.
   *
   * @throws Error if the folder cannot be written.
   * @throws TraceError with TensorFlow's words if the graph is not valid.
   */
  constructor(savedModel: Uint8Array) {
    this.#model = inTemporaryFolder(savedModel, (folder) => {
      try {
        return nativeBackend().binding.loadSavedModel(folder, SERVE_TAG);
      } catch (cause) {
        throw new TraceError(`TensorFlow cannot load its graph: ${(cause as Error).message}`, { cause });
      }
    });
  }

  /**
   * Runs the part of the graph that the fetched values need.
   *
   * @param feeds Values of placeholders by name.
   * @param fetches Names of the values wanted.
   * @returns The fetched values' numbers, in that order.
   */
  run(feeds: Named<Feed>, fetches: readonly string[]): Elements[] {
    const { binding } = nativeBackend();
    const inputs: number[] = [];
    try {
      for (const { values, shape } of Object.values(feeds)) {
        inputs.push(binding.createTensor(shape, dataTypeOf(values), values));
      }
      const names = Object.keys(feeds);
      const outputs = binding.runSavedModel(this.#model, inputs, portsOf(names), portsOf(fetches));
      return outputs.map(({ id }) => {
        const values = binding.tensorDataSync(id);
        binding.deleteTensor(id);
        return values;
      });
    } finally {
      for (const id of inputs) binding.deleteTensor(id);
    }
  }

  /** Frees the graph and its variables. */
  dispose(): void {
    nativeBackend().binding.deleteSavedModel(this.#model);
  }
}

/** Calls `load` with a folder that holds the graph, and then removes it. */
function inTemporaryFolder<T>(savedModel: Uint8Array, load: (folder: string) => T): T {
  let folder: string | undefined;
  try {
    try {
      folder = mkdtempSync(join(tmpdir(), 'sparselab-graph-'));
      writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    } catch (cause) {
      throw new Error(
        `a compiled step must be written to a temporary folder, which failed: ${(cause as Error).message}`,
        { cause },
      );
    }
    return load(folder);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** The first outputs of nodes, as the binding takes them. */
const portsOf = (names: readonly string[]) => names.map((name) => `${name}:0`).join();

function dataTypeOf(values: Elements): number {
  if (values instanceof Float32Array) return DataType.float;
  return values instanceof Int32Array ? DataType.int32 : DataType.uint8;
}
