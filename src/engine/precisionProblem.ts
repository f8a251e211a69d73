/**
 * Where a precision can be had.
 *
 * @module
 */
import { processorFeatures, roundsBfloat16 } from '#engines';
import type { BackendName } from './backend';
import type { Precision } from './precision';

/** How and where a step runs. */
export interface Place {
  readonly backend: BackendName;
  /** Whether it is compiled. */
  readonly compile: boolean;
}

/** Why a step cannot have a precision in such a place, on this processor; `undefined` if it can. */
export function precisionProblem(precision: Precision, place: Place): string | undefined {
  if (precision === 'float32') return undefined;
  return (
    engineProblem(precision, place) ??
    processorProblem(precision, processorFeatures()) ??
    libraryProblem(precision)
  );
}

/** Why the engine of such a place does not have a precision, whatever the processor is. */
export function engineProblem(precision: Precision, { backend, compile }: Place): string | undefined {
  if (precision === 'float32') return undefined;
  if (backend !== 'tensorflow') {
    const here = { wasm: 'WebAssembly', cpu: 'plain JavaScript' }[backend];
    return `precision must be 'float32' on ${here}; got '${precision}', which needs native TensorFlow`;
  }
  if (compile) return undefined;
  return `precision must be 'float32' with compile: false; got '${precision}', which needs a compiled step`;
}

/** The instructions that multiply bfloat16 numbers: two of x86, and Arm's. */
const INSTRUCTIONS = ['avx512_bf16', 'amx_bf16', 'bf16'];

/** Instructions that compute with many numbers at once. */
const FOR_MANY = /^(avx|amx|sse4|fma|f16c|asimd|neon|sve|sme|i8mm)/;

/** Why a processor with these features would only be slower with a precision. */
function processorProblem(precision: Precision, features: readonly string[]): string | undefined {
  if (INSTRUCTIONS.some((name) => features.includes(name))) return undefined;
  const found = features.filter((name) => FOR_MANY.test(name)).join(', ');
  return (
    `precision must be 'float32' on this processor; got '${precision}', which needs the instructions avx512_bf16 or amx_bf16, ` +
    `or bf16 on Arm. Of this kind there are ${found || 'none that the system names'}`
  );
}

/** Why TensorFlow does not use these instructions, although they are there. */
function libraryProblem(precision: Precision): string | undefined {
  if (roundsBfloat16()) return undefined;
  return (
    `precision must be 'float32' with this TensorFlow; got '${precision}', which needs oneDNN: it is switched off ` +
    '(TF_ENABLE_ONEDNN_OPTS=0), or not there for this system'
  );
}
