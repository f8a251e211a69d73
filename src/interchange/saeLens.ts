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
import { requireInteger, requireOneOf, requireText, show } from '../numbers/arguments';
import { utf8 } from '../numbers/bytes';
import { boolean, number, type OptionsOf, optional, readOptions } from '../numbers/options';
import { readAnySafetensors, writeSafetensors } from '../numbers/safetensors';
import type { Matrix, Values, Vector } from '../numbers/values';
import { architectures, nameOf, type Row } from './architectures';

const CONFIG = 'cfg.json';
const WEIGHTS = 'sae_weights.safetensors';

/** The version whose format we write. */
const SAE_LENS = '6.54.0';

const saeLensOptions = {
  /**
   * The factor that brings the mean length of the examples to √d_in, for a folder with `normalize_activations:
   * 'expected_average_only_in'`, whose weights are for examples that were multiplied by it. It is folded into the weights. Default: none,
   * as SAELens folds it itself at the end of a training.
   */
  activationScale: optional(number({ above: 0 })),
};

/** How {@link loadSaeLens} reads. @interface */
export type SaeLensOptions = OptionsOf<typeof saeLensOptions>;

/** The fields of `cfg.json` that decide how the weights are used. */
interface Config {
  readonly row: Row;
  readonly inputDim: number;
  readonly hiddenDim: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly subtractDecoderBias: boolean;
  /** Whether pre-activations are multiplied by the length of their decoder rows, and codes divided by it on their way out. */
  readonly rescaled: boolean;
  /** Factor for the examples before the model; reconstructions are divided by it. */
  readonly scale: number;
}

/**
 * Reads a model that SAELens saved, from a folder with `cfg.json` and `sae_weights.safetensors`, in float32, float64, float16 or
 * bfloat16. It gives the same codes and reconstructions.
 *
 * SAELens' `standard` is relu, `topk` {@link topK}, `gated` {@link gated}, `jumprelu` {@link jumpRelu}; models trained with
 * BatchTopK or Matryoshka are saved as `jumprelu`. `apply_b_dec_to_input` is `subtractDecoderBias`.
 *
 * @throws Error naming the file and the problem: an architecture that is not known here, a normalisation that depends
 * on each example, a missing array, one of another shape or with another dtype.
 *
 * @example
 * const model = loadSaeLens('saes/layer-6');
 * model.encode(activations)
 */
export function loadSaeLens(folder: string, options: SaeLensOptions = {}): SparseAutoencoder {
  requireText('folder', folder);
  const { activationScale } = readOptions('loadSaeLens', options, saeLensOptions);
  const [configPath, weightsPath] = [CONFIG, WEIGHTS].map((name) => platform.files.join(folder, name)) as [
    string,
    string,
  ];
  const config = within(configPath, () => configOf(readJson(configPath), activationScale));
  const { arrays } = readAnySafetensors(weightsPath);
  return within(weightsPath, () => modelOf(config, arrays));
}

/**
 * Writes a model as a folder that SAELens loads: `SAE.load_from_disk(folder)`. Tied weights are written twice. An activation
 * with learned inference thresholds (batchTopK, winnerTakeAll) becomes `jumprelu`.
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
  const { inputDim, hiddenDim, outputActivation, subtractDecoderBias } = model.architecture;
  if (outputActivation !== 'linear') {
    throw new RangeError(`outputActivation must be 'linear' for SAELens; got ${show(outputActivation)}`);
  }
  const written = Object.entries(architectures)
    .map(([architecture, row]) => ({ architecture, part: row.write(model) }))
    .find(({ part }) => part !== undefined);
  if (!written?.part) {
    throw new RangeError(
      `hiddenActivation must be one that SAELens has, for ${Object.keys(architectures).map(show).join(', ')}; got ${show(nameOf(model))}`,
    );
  }
  const config = {
    architecture: written.architecture,
    d_in: inputDim,
    d_sae: hiddenDim,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: subtractDecoderBias,
    normalize_activations: 'none',
    reshape_activations: 'none',
    ...written.part.settings,
    metadata: { sae_lens_version: SAE_LENS },
  };
  platform.files.makeFolder(folder);
  writeSafetensors(platform.files.join(folder, WEIGHTS), {
    arrays: {
      W_enc: model.encoderWeights,
      W_dec: model.decoderWeights,
      b_dec: model.decoderBias,
      ...written.part.vectors,
    },
    metadata: { format: 'pt' },
  });
  platform.files.write(platform.files.join(folder, CONFIG), utf8(`${JSON.stringify(config, null, 2)}\n`));
}

/** @throws Error naming the setting, the permitted values and the value. */
function configOf(config: Readonly<Record<string, unknown>>, activationScale: number | undefined): Config {
  // Until version 6 the activation stood by itself.
  const activation = config.activation_fn ?? config.activation_fn_str;
  const architecture = requireOneOf(
    'architecture',
    activation === 'topk' ? 'topk' : (config.architecture ?? 'standard'),
    Object.keys(architectures),
  );
  const row = architectures[architecture] as Row;
  requireOneOf('activation_fn', activation ?? 'relu', architecture === 'topk' ? ['relu', 'topk'] : ['relu']);
  const { apply_b_dec_to_input: subtractDecoderBias = true, rescale_acts_by_decoder_norm: rescaled = false } =
    config;
  const flags = { apply_b_dec_to_input: subtractDecoderBias, rescale_acts_by_decoder_norm: rescaled };
  for (const [name, value] of Object.entries(flags)) boolean(name, value as boolean);
  const all = { ...(config.activation_fn_kwargs as object | undefined), ...config };
  return {
    row,
    inputDim: requireInteger('d_in', config.d_in, { min: 1 }),
    hiddenDim: requireInteger('d_sae', config.d_sae, { min: 1 }),
    settings: Object.fromEntries(
      (row.settings ?? []).map((name) => [
        name,
        requireInteger(name, (all as Record<string, unknown>)[name], { min: 1 }),
      ]),
    ),
    subtractDecoderBias: flags.apply_b_dec_to_input as boolean,
    rescaled: flags.rescale_acts_by_decoder_norm as boolean,
    scale: scaleOf(config.normalize_activations ?? 'none', activationScale),
  };
}

/** Factor for the examples before the model sees them. */
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
  const { row, inputDim, hiddenDim, settings, subtractDecoderBias, rescaled, scale } = config;
  requireArrays(arrays, {
    W_enc: [inputDim, hiddenDim],
    W_dec: [hiddenDim, inputDim],
    b_dec: [inputDim],
    ...Object.fromEntries(row.vectors.map((name) => [name, [hiddenDim]])),
  });
  const [encoder, decoder, bias] = [arrays.W_enc as Matrix, arrays.W_dec as Matrix, arrays.b_dec as Vector];
  // As SAELens folds them: what the scaled example and the rescaled sums were to the weights, the plain ones are now.
  const norms = rescaled ? rowNorms(decoder) : new Float64Array(hiddenDim).fill(1);
  const norm = (unit: number) => norms[unit] as number;
  const vectors = Object.fromEntries(
    row.vectors.map((name) => [
      name,
      row.onScaleOfZ.includes(name) ? timesEach(arrays[name] as Vector, norm) : (arrays[name] as Vector),
    ]),
  );
  const { hiddenActivation, parameters } = row.read(vectors, settings);
  const model = new SparseAutoencoder({ inputDim, hiddenDim, hiddenActivation, subtractDecoderBias });
  model.setParameters(
    {
      encoderWeights: timesEach(encoder, (at) => scale * norm(at % hiddenDim)),
      decoderWeights: timesEach(decoder, (at) => 1 / (scale * norm(Math.floor(at / inputDim)))),
      decoderBias: timesEach(bias, () => 1 / scale),
      ...parameters,
    },
    'arrays',
  );
  return model;
}

/** @throws RangeError naming an array that is missing, of another shape, or not among those that the architecture has. */
function requireArrays(
  arrays: Readonly<Record<string, Values>>,
  shapes: Readonly<Record<string, readonly number[]>>,
): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const got = arrays[name];
    if (got?.shape.join() === shape.join()) continue;
    throw new RangeError(`${name} must have shape [${shape}]; got ${got ? `[${got.shape}]` : 'none'}`);
  }
  for (const [name, { values }] of Object.entries(arrays)) {
    // Folders of some versions have it, without an effect.
    const ignored = name === 'scaling_factor' && values.every((value) => value === 1);
    if (name in shapes || ignored) continue;
    throw new RangeError(`the arrays must be ${Object.keys(shapes).join(', ')}; got ${show(name)} too`);
  }
}

/** Each number times a factor of its own, rounded once. */
function timesEach<T extends Values>(array: T, factor: (at: number) => number): T {
  return { ...array, values: array.values.map((value, at) => value * factor(at)) };
}

function rowNorms({ values, shape: [rows, columns] }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) =>
    Math.hypot(...values.subarray(row * columns, (row + 1) * columns)),
  );
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  const config: unknown = JSON.parse(new TextDecoder().decode(platform.files.read(path)));
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new TypeError(`it must hold a JSON object; got ${show(config)}`);
  return config as Record<string, unknown>;
}

/** The result of `read`; its errors name the file. */
function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
