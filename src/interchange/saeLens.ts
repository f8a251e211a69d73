/**
 * SAELens' folders: `cfg.json` and `sae_weights.safetensors`.
 *
 * Reference: SAELens 6.54, `SAE.save_model` and `SAE.load_from_disk`, https://github.com/decoderesearch/SAELens
 *
 * @module
 */
import { platform } from '#platform';
import { requireModel } from '../model/architecture';
import { SparseAutoencoder } from '../model/autoencoder';
import {
  refuseUnknownOptions,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireText,
  show,
} from '../numbers/arguments';
import { utf8 } from '../numbers/bytes';
import { readAnySafetensors, writeSafetensors } from '../numbers/safetensors';
import type { Matrix, Values, Vector } from '../numbers/values';
import { architectures, type Row } from './architectures';

const CONFIG = 'cfg.json';
const WEIGHTS = 'sae_weights.safetensors';

/** The version whose format we write. */
const SAE_LENS = '6.54.0';

/** How {@link loadSaeLens} reads. */
export interface SaeLensOptions {
  /**
   * The factor that brings the mean length of the examples to √d_in, for a folder with `normalize_activations:
   * 'expected_average_only_in'`, whose weights are for examples that were multiplied by it. It is folded into the weights. Default: none,
   * as SAELens folds it itself at the end of a training.
   */
  readonly activationScale?: number;
}

/** What of `cfg.json` decides what the weights compute. */
interface Config {
  readonly row: Row;
  readonly inputDim: number;
  readonly hiddenDim: number;
  readonly subtractsBias: boolean;
  readonly scale: number;
}

/**
 * Reads a model that SAELens saved, from a folder with `cfg.json` and `sae_weights.safetensors`, in float32, float64, float16 or
 * bfloat16. It gives the same codes and reconstructions.
 *
 * What SAELens subtracts from its input (`apply_b_dec_to_input`) becomes part of the encoder's bias: (x − b_d)·Wₑ + bₑ =
 * x·Wₑ + (bₑ − b_d·Wₑ).
 *
 * @throws Error naming the file and what is wrong with it: an architecture that is not known here, a normalisation that depends
 * on each example, a missing array, one of another shape or with another dtype.
 *
 * @example
 * const model = loadSaeLens('saes/layer-6');
 * model.encode(activations)
 */
export function loadSaeLens(folder: string, options: SaeLensOptions = {}): SparseAutoencoder {
  requireText('folder', folder);
  refuseUnknownOptions('loadSaeLens', options, ['activationScale']);
  const { activationScale } = options;
  if (activationScale !== undefined) requireNumber('activationScale', activationScale, { above: 0 });
  const [configPath, weightsPath] = [CONFIG, WEIGHTS].map((name) => platform.files.join(folder, name)) as [
    string,
    string,
  ];
  const config = within(configPath, () => configOf(readJson(configPath), activationScale));
  const { arrays } = readAnySafetensors(weightsPath);
  return within(weightsPath, () => modelOf(config, arrays));
}

/**
 * Writes a model as a folder that SAELens loads: `SAE.load_from_disk(folder)`. Tied weights are written twice.
 *
 * @param folder Is made if there is none.
 * @throws RangeError naming the activation, if SAELens has no such architecture.
 * @throws Error from the file system.
 *
 * @example saveSaeLens(model, 'saes/mine')
 */
export function saveSaeLens(model: SparseAutoencoder, folder: string): void {
  requireModel('model', model);
  requireText('folder', folder);
  const { inputDim, hiddenDim, hiddenActivation, outputActivation } = model.architecture;
  if (outputActivation !== 'linear') {
    throw new RangeError(`outputActivation must be 'linear' for SAELens; got ${show(outputActivation)}`);
  }
  const written = Object.entries(architectures)
    .map(([architecture, row]) => ({ architecture, vectors: row.write(model) }))
    .find(({ vectors }) => vectors !== undefined);
  if (!written?.vectors) {
    throw new RangeError(
      `hiddenActivation must be one that SAELens has, for ${Object.keys(architectures).map(show).join(', ')}; got ${show(hiddenActivation)}`,
    );
  }
  const config = {
    architecture: written.architecture,
    d_in: inputDim,
    d_sae: hiddenDim,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: false,
    normalize_activations: 'none',
    reshape_activations: 'none',
    metadata: { sae_lens_version: SAE_LENS },
  };
  platform.files.makeFolder(folder);
  writeSafetensors(platform.files.join(folder, WEIGHTS), {
    arrays: {
      W_enc: model.encoderWeights,
      W_dec: model.decoderWeights,
      b_dec: model.decoderBias,
      ...written.vectors,
    },
    metadata: { format: 'pt' },
  });
  platform.files.write(platform.files.join(folder, CONFIG), utf8(`${JSON.stringify(config, null, 2)}\n`));
}

/** @throws Error naming the setting, what is permitted and what came in. */
function configOf(config: Readonly<Record<string, unknown>>, activationScale: number | undefined): Config {
  const architecture = requireOneOf(
    'architecture',
    config.architecture ?? 'standard',
    Object.keys(architectures),
  );
  // Until version 6 the activation stood by itself.
  const activation = config.activation_fn ?? config.activation_fn_str ?? 'relu';
  requireOneOf('activation_fn', activation, ['relu']);
  const subtractsBias = config.apply_b_dec_to_input ?? true;
  if (typeof subtractsBias !== 'boolean')
    throw new TypeError(`apply_b_dec_to_input must be true or false; got ${show(subtractsBias)}`);
  return {
    row: architectures[architecture] as Row,
    inputDim: requireInteger('d_in', config.d_in, { min: 1 }),
    hiddenDim: requireInteger('d_sae', config.d_sae, { min: 1 }),
    subtractsBias,
    scale: scaleOf(config.normalize_activations ?? 'none', activationScale),
  };
}

/** What the examples are multiplied by before the model sees them. */
function scaleOf(normalization: unknown, activationScale: number | undefined): number {
  // Until version 6 it was true or false.
  const kind = typeof normalization === 'boolean' ? (normalization ? SCALED : 'none') : normalization;
  const known = requireOneOf('normalize_activations', kind, ['none', SCALED]);
  if (known === SCALED && activationScale === undefined) {
    throw new RangeError(
      `normalize_activations must be 'none', or activationScale must be given; got ${show(SCALED)} without`,
    );
  }
  if (known === 'none' && activationScale !== undefined) {
    throw new RangeError(
      `activationScale must be left out where normalize_activations is 'none'; got ${activationScale}`,
    );
  }
  return activationScale ?? 1;
}

const SCALED = 'expected_average_only_in';

function modelOf(config: Config, arrays: Readonly<Record<string, Values>>): SparseAutoencoder {
  const { row, inputDim, hiddenDim, subtractsBias, scale } = config;
  const shapes: Readonly<Record<string, readonly number[]>> = {
    W_enc: [inputDim, hiddenDim],
    W_dec: [hiddenDim, inputDim],
    b_dec: [inputDim],
    ...Object.fromEntries(row.vectors.map((name) => [name, [hiddenDim]])),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const got = arrays[name];
    if (got?.shape.join() === shape.join()) continue;
    throw new RangeError(`${name} must have shape [${shape}]; got ${got ? `[${got.shape}]` : 'none'}`);
  }
  for (const [name, { values }] of Object.entries(arrays)) {
    const ignored = name === 'scaling_factor' && values.every((value) => value === 1);
    if (name in shapes || ignored) continue;
    throw new RangeError(`the arrays must be ${Object.keys(shapes).join(', ')}; got ${show(name)} too`);
  }

  const [encoder, decoder] = [arrays.W_enc, arrays.W_dec] as [Matrix, Matrix];
  const bias = arrays.b_dec as Vector;
  // As SAELens' fold_activation_norm_scaling_factor: what the scaled example was to the weights, the example is now.
  const times = <T extends Values>(array: T, factor: number): T =>
    factor === 1 ? array : { ...array, values: array.values.map((value) => value * factor) };
  const shift = subtractsBias ? product(bias, encoder) : new Float64Array(hiddenDim);
  const vectors = Object.fromEntries(row.vectors.map((name) => [name, (arrays[name] as Vector).values]));
  const { form, parameters } = row.read({ vectors, shift });
  const model = new SparseAutoencoder({ ...form, inputDim, hiddenDim });
  model.setParameters(
    {
      encoderWeights: times(encoder, scale),
      decoderWeights: times(decoder, 1 / scale),
      decoderBias: times(bias, 1 / scale),
      ...parameters,
    },
    'arrays',
  );
  return model;
}

/** b·W, in double precision. */
function product({ values: vector }: Vector, { values, shape: [rows, columns] }: Matrix): Float64Array {
  const result = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const factor = vector[row] as number;
    for (let column = 0; column < columns; column++) {
      result[column] = (result[column] as number) + factor * (values[row * columns + column] as number);
    }
  }
  return result;
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  const config: unknown = JSON.parse(new TextDecoder().decode(platform.files.read(path)));
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new TypeError(`it must hold a JSON object; got ${show(config)}`);
  return config as Record<string, unknown>;
}

/** What `read` returns; its errors name the file. */
function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
