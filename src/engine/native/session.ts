import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType, type Elements, nativeBackend } from './binding';
import { SERVE_TAG } from './graph';

/** A tensor that lives outside tf's book-keeping: it must be deleted by hand. */
export class SessionTensor {
  readonly handle: number;

  /** Copies the values into a native tensor. */
  constructor(shape: readonly number[], values: Elements) {
    const dtype =
      values instanceof Float32Array
        ? DataType.float
        : values instanceof Int32Array
          ? DataType.int32
          : DataType.uint8;
    this.handle = nativeBackend().binding.createTensor(shape, dtype, values);
  }

  /** Frees it. */
  dispose(): void {
    nativeBackend().binding.deleteTensor(this.handle);
  }
}

/** A loaded graph with the values of its variables. */
export class Session {
  readonly #model: number;

  /**
   * Loads a graph through tfjs-node's SavedModel loader, which reads from a folder only: a temporary one, that is
   * gone when this returns.
   *
   * @throws Error with TensorFlow's words if the graph is not valid.
   */
  constructor(savedModel: Uint8Array) {
    const folder = mkdtempSync(join(tmpdir(), 'sparselab-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), savedModel);
      this.#model = nativeBackend().binding.loadSavedModel(folder, SERVE_TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Runs the part of the graph that the fetched values need.
   *
   * @param feeds Values of placeholders by name.
   * @param fetches Names of the values wanted.
   * @returns The fetched values' numbers, in that order.
   */
  run(feeds: ReadonlyMap<string, SessionTensor>, fetches: readonly string[]): Elements[] {
    const { binding } = nativeBackend();
    const outputs = binding.runSavedModel(
      this.#model,
      [...feeds.values()].map(({ handle }) => handle),
      [...feeds.keys()].map((name) => `${name}:0`).join(),
      fetches.map((name) => `${name}:0`).join(),
    );
    return outputs.map(({ id }) => {
      const values = binding.tensorDataSync(id);
      binding.deleteTensor(id);
      return values;
    });
  }

  /** Frees the graph and its variables. */
  dispose(): void {
    nativeBackend().binding.deleteSavedModel(this.#model);
  }
}
