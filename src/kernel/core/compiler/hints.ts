/**
 * Hints that follow the compiler's messages: our way of writing what readers know from Python, Keras, PyTorch, scikit-learn,
 * SAELens or the first version of this library, and therefore type first.
 *
 * @module
 */

/** A message of the compiler, followed by the line of the cell that it is about, and our advice. */
type Hint = readonly [said: RegExp, hint: string];

const MODEL = "'SparseAutoencoder'";

/** Properties that a type of ours does not have. */
const PROPERTIES: readonly Hint[] = [
  property(
    'fit|train|train_on_batch|fit_transform',
    MODEL,
    'train(model, data, { epochs: 10 }) trains a model.',
  ),
  property('compile', MODEL, 'train(model, data, { penalty, learningRate, epochs }) takes it all.'),
  property('evaluate', MODEL, 'evaluate(model, data) measures a model.'),
  property('predict', MODEL, 'model.forward(x).reconstruction is x̂, model.encode(x) the code.'),
  property('summary', MODEL, "A model as a cell's last expression shows its summary."),
  property('transform|get_activations', MODEL, 'model.encode(x) is the code.'),
  property('cfg|config|get_config', MODEL, 'model.architecture has its form.'),
  property('d_in|dIn|input_?[dD]im', MODEL, 'It is model.architecture.inputDim.'),
  property('d_sae|dSae|hidden_?[dD]im|latent_?[dD]im', MODEL, 'It is model.architecture.hiddenDim.'),
  property(
    'to|cpu|cuda|eval|zero_grad',
    MODEL,
    'Leave it out: train uses the fastest engine that is installed, and a model has no modes.',
  ),
  property(
    'load|load_weights|loadWeights|load_state_dict',
    MODEL,
    'SparseAutoencoder.load(path) reads a model that model.save(path) has written.',
  ),
  property(
    'loss',
    MODEL,
    'loss(model, x, { penalty }) has its terms; evaluate(model, data) measures the error.',
  ),
  property('l0|mse|score', MODEL, 'evaluate(model, data) measures it.'),
  property(
    'weights|get_weights|getWeights|state_dict|named_parameters|layers',
    MODEL,
    'model.parameters has all weights, by name.',
  ),
  property('encoder', MODEL, 'It is two arrays: model.encoderWeights and model.encoderBias.'),
  property('decoder', MODEL, 'It is two arrays: model.decoderWeights and model.decoderBias.'),
  property('components_', MODEL, 'It is called decoderWeights.'),
  property('W_enc', MODEL, 'It is called encoderWeights.'),
  property('W_dec', MODEL, 'It is called decoderWeights.'),
  property('b_enc', MODEL, 'It is called encoderBias.'),
  property('b_dec', MODEL, 'It is called decoderBias.'),
  property('count_params|countParams|num_params|num_?[pP]arameters', MODEL, 'It is called parameterCount.'),
  property('sae_out', "'ForwardPass", 'It is called reconstruction.'),
  property('feature_acts', "'ForwardPass", 'It is called activations.'),
  property('history|loss', "'History'", 'history.rows has the records, history.last the last one.'),
  property('loss', "'HistoryRow'", 'It is called total; its parts are reconstruction and penalty.'),
  property(
    'shape|length|size',
    "'Dataset'",
    'data.count is the number of rows, data.dim the number of columns.',
  ),
  property('head|sample', "'Dataset'", 'data.take(5) is the first five rows.'),
  property('y|y_train|target|targets', "'Dataset'", 'It is called labels.'),
  property(
    'train|test|training',
    "'Dataset'",
    'Split the rows yourself: data.slice(0, 1500) and data.slice(1500, data.count).',
  ),
  property(
    'X|x_train|data|images',
    "'Dataset'",
    'train(model, data, …) takes the data set itself; data.values has its numbers.',
  ),
  property('activation', "'AutoencoderOptions'", 'It is called hiddenActivation.'),
  property('architecture|k', "'AutoencoderOptions'", 'A TopK model has hiddenActivation: topK(8).'),
  property('d_in|dIn', "'AutoencoderOptions'", 'It is called inputDim.'),
  property('d_sae|dSae|latent_?[dD]im|nLatents|n_latents', "'AutoencoderOptions'", 'It is called hiddenDim.'),
  property('lr|learning_rate', "'TrainOptions'", 'It is called learningRate.'),
  property(
    'optimizer|loss',
    "'TrainOptions'",
    'Adam lowers reconstructionLoss + penalty: learningRate, betas, reconstructionLoss.',
  ),
  property('validation_?[dD]ata', "'TrainOptions'", 'Other examples to measure on: monitor.'),
  property(
    'validation_?[sS]plit',
    "'TrainOptions'",
    'Split the rows yourself: train on data.slice(0, 9000), measure on monitor: data.slice(9000, 10000).',
  ),
  property('callbacks', "'TrainOptions'", 'It is called onProgress.'),
  property(
    'verbose',
    "'TrainOptions'",
    'Longer trainings show a bar by themselves; progress: false hides it.',
  ),
  property(
    'metrics',
    "'TrainOptions'",
    'history.rows has all metrics, and evaluate(model, data) measures them.',
  ),
  property('target|sparsity_?[tT]arget', "'KlOptions'", 'It is called rho.'),
  property('strength|alpha|coefficient|weight', "'.*\\blambda: number.*'", 'It is called lambda.'),
];

/** Names of the first version, which CHANGELOG.md lists. */
const EARLIER: readonly Hint[] = [
  property('end', "'(?:History|LossHistory|Sweep\\w+)'", 'It is called status.'),
  property(
    'state',
    "'SweepRow'",
    "It is called status, and is 'finished', 'diverged', 'failed' or 'missing'.",
  ),
  property('served', "'Sweep\\w+'", 'It is called cached.'),
  property('goal', "'(?:Goal|HalvingOptions)'", 'It is called direction.'),
  property('activeShare', "'(?:PanelUnit|UnitStatistics|UnitRecovery)'", 'It is called activationFrequency.'),
  property('log', "'\\w+Options'", "Write xScale: 'log' or yScale: 'log'."),
  property('logX', "'\\w+Options'", "Write xScale: 'log'."),
  property('logY', "'\\w+Options'", "Write yScale: 'log'."),
  property('points', "'\\w+CurveOptions'", 'It is called samples.'),
  property('units', "'MeanActivationCurvesOptions'", 'It is called count.'),
  property('examples', "'ActivationHeatmapOptions'", 'It is called count.'),
  name('ReconstructionError', 'It is called ReconstructionLoss.'),
  name('TrainingEnd', 'It is called TrainingStatus.'),
  name('SweepFrontOptions', 'It is called ParetoPlotOptions.'),
];

/** Values and calls that do not fit. */
const CALLS: readonly Hint[] = [
  [
    /'(?:l1Coefficient|l1_coefficient|activity_regularizer)' |^Object.* 'l1' does not exist in type 'AutoencoderOptions'/,
    'An L1 penalty is an option of train: penalty: l1(0.001).',
  ],
  [
    /^Type '.*' is not assignable to type 'Penalty'/,
    'A penalty is made by a function: l1(0.001), kl({ beta: 3, rho: 0.05 }).',
  ],
  [
    /^Type '".*"' is not assignable to type 'Activation/,
    "Names are such as 'relu' and 'sigmoid'; topK(8), batchTopK(8), jumpRelu() and gated() are functions.",
  ],
  [/^Argument of type '\{ k: number; \}'/, 'It takes the number itself: topK(8).'],
  [/^Argument of type 'number\[\]\[\]' .*'Rows/, 'Dataset.fromRows(rows) makes a data set of arrays.'],
  [
    /^Argument of type 'SparseAutoencoder' .*'PlotRows'/,
    'weightImages(model) draws what its units look for.',
  ],
  [/'(?:fromPretrained|from_pretrained|loadFromDisk)' /, 'loadSaeLens(folder) reads a model of SAELens.'],
  [
    /module '(?:numpy|torch|keras|sklearn|pandas|matplotlib)\b/,
    'A cell imports sparselab, packages of npm and local files, not those of Python.',
  ],
  [
    /module 'sae[-_]lens'/,
    'loadSaeLens(folder) and saveSaeLens(model, folder) exchange models with SAELens.',
  ],
  [
    /^Cannot find name '(\w+)'.*\n.*[(,] *\1 ?=(?!=)|^',' expected\.\n(?!.*(?:=>|function)).*\w\( *\w+:/,
    'Named arguments are an object here, as in { epochs: 10 }.',
  ],
  [
    /^Expected 1 arguments?, but got \d+\..*\n.*\bnew SparseAutoencoder\(/,
    'Its options are one object: { inputDim: 64, hiddenDim: 16 }.',
  ],
  [
    /^Expected 1 arguments?, but got \d+\..*\n.*\bkl\(/,
    'Its options are one object: { beta: 3, rho: 0.05 }.',
  ],
  [
    /^Expected 3 arguments, but got \d\..*\n.*\btrain(?:Cached)?\(/,
    'The third argument has the options, at least epochs: train(model, data, { epochs: 10 }).',
  ],
  [/^Expected 2 arguments, but got 1\..*\n.*\bevaluate\(/, 'It measures on data: evaluate(model, data).'],
  [
    /not callable\.\n.*\.parameters\(/,
    'It is an object without (): model.parameters has all weights, by name.',
  ],
  [
    /not callable\.\n.*\b(?:model|sae|autoencoder)\(/,
    'model.encode(x) is the code, model.forward(x).reconstruction is x̂.',
  ],
  [/'keras' /, 'TensorFlow.js has tf.layers; the model of this course is SparseAutoencoder.'],
];

/** Names that nothing has declared. */
const NAMES: readonly Hint[] = [
  name(
    'sae|autoencoder',
    'Has the cell that declares it been run? A model is new SparseAutoencoder({ inputDim: 64, hiddenDim: 16 }).',
  ),
  name(
    '\\w*SAE(?:RunnerConfig)?|Sequential|Dense',
    'A model is new SparseAutoencoder({ inputDim, hiddenDim }); train(model, data, { epochs }) trains it.',
  ),
  name(
    'optimizer|criterion|EarlyStopping',
    'train(model, data, { epochs: 10 }) takes all steps; its optimizer is Adam.',
  ),
  name(
    'mnist|loadMNIST|load_mnist|load_data',
    "import { loadMnist } from 'sparselab'; const { training, test } = loadMnist();",
  ),
  name('train_test_split', 'Split the rows yourself: data.slice(0, 1500) and data.slice(1500, data.count).'),
  name(
    'load_model|loadModel',
    'SparseAutoencoder.load(path) reads a model that model.save(path) has written.',
  ),
  [
    /^Cannot find name 'np'.*\n.*np\.(?:logspace|geomspace)/,
    'geomspace(0.001, 1, 4) is [0.001, 0.01, 0.1, 1].',
  ],
  name('np|numpy', 'There is no NumPy in a cell. Arrays have map and reduce, and tf has tensors.'),
  name('torch|nn|optim', "There is no PyTorch in a cell. Tensors are tf's: import { tf } from 'sparselab'."),
  name('keras|tensorflow', "Tensors are tf's: import { tf } from 'sparselab'."),
  name('plt|sns', 'imageGrid(data) draws images, lossCurves(history) the loss of a training.'),
  name('pd|pandas', "await loadCsv('flowers.csv') reads a table."),
  name('sparselab', "Import the names that you use: import { train } from 'sparselab'."),
  call('print', 'Write console.log(x); a cell also shows the value of its last line.'),
  call('len', 'The length of an array is array.length, that of a data set data.count.'),
  call('range', 'Count in a loop: for (let i = 0; i < 10; i++) { … }'),
  call('help|dir', 'Put the cursor on a name and press Shift + Tab.'),
  name('True|False|None', 'Write true, false, null.'),
  call('str', 'Write String(x).'),
  name('prompt|confirm', "It is called input: import { input } from 'sparselab'; await input('Name?')"),
];

/** Python's syntax. A message is answered only if its line can hardly be anything else. */
const PYTHON: readonly Hint[] = [
  [/^'(?:=|as)' expected\.\n\s*(?:from|import) /, "Write import { train } from 'sparselab'."],
  [/^'\(' expected\.\n\s*for .*:/, 'Write for (let i = 0; i < 10; i++) { … }'],
  [/^'\(' expected\.\n\s*(?:if|while) .*:/, 'Write if (x > 0) { … }'],
  [/^';' expected\.\n\s*def /, 'Write function f(x: number) { return 2 * x; }'],
  [/^Invalid character\.\n.*(?:^|\s)#/m, 'A comment begins with //.'],
  [/^Unexpected keyword or identifier\.\n.*\blambda\b.*:/, 'Write (x) => 2 * x.'],
  [/^Unexpected keyword or identifier\.\n.*\bf["']/, 'Write a template string, in backticks.'],
  [/^Unexpected keyword or identifier\.\n.*\b(?:and|or|not)\b/, 'Write &&, || and !.'],
  [/^'\]' expected\.\n.*\[[^\]]*:/, 'Write x.slice(0, 5).'],
  [/expected\.\n\s*(?:!pip|%\w)/, 'Cells have no magics: they are TypeScript.'],
];

/** In the order in which they are tried. */
const HINTS = [...EARLIER, ...PROPERTIES, ...CALLS, ...NAMES, ...PYTHON];

/** The hint for properties or options, separated by `|`, that a type does not have. */
function property(names: string, type: string, hint: string): Hint {
  return [new RegExp(`'(?:${names})' .*${type}`), hint];
}

/** The hint for names, separated by `|`, that nothing declares, and that no module exports. */
function name(names: string, hint: string): Hint {
  return [new RegExp(`(?:name|exported member(?: named)?) '(?:${names})'`), hint];
}

/** The hint for calls of functions, separated by `|`, that nothing declares. */
function call(names: string, hint: string): Hint {
  return [new RegExp(`^Cannot find name '(${names})'.*\\n.*\\b\\1\\(`), hint];
}

/**
 * The hint for a message of the compiler; empty if there is none.
 *
 * @param line the line of the cell that the message is about
 */
export function hintFor(message: string, line: string): string {
  const said = `${message}\n${line}`;
  return HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? '';
}
