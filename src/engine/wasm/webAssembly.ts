/**
 * The part of JavaScript's WebAssembly interface that is used here, which TypeScript declares only together with all of a
 * browser's.
 *
 * @module
 */

/** A linear memory, in pages of 64 KB. */
export interface Memory {
  /** Of a memory that threads share it is a SharedArrayBuffer, which is used in the same way. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Compiled code. */
export type Module = object;

/** A module's imports, by name. */
export type Imports = Readonly<Record<string, unknown>>;

interface WebAssemblyInterface {
  Memory: new (size: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => Memory;
  Module: new (bytes: Uint8Array) => Module;
  Instance: new (
    module: Module,
    imports: { readonly env: Imports },
  ) => { readonly exports: Readonly<Record<string, (...values: number[]) => number>> };
  validate(bytes: Uint8Array): boolean;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
