/**
 * Hints that follow the compiler's messages: our way of writing what readers know from Python, Keras, PyTorch, scikit-learn,
 * SAELens or the first version of this library, and therefore type first.
 *
 * @module
 */

/** A message of the compiler, followed by the line of the cell that it is about, and our advice. */
type Hint = readonly [said: RegExp, hint: string];

/** Properties that a type of ours does not have. */
const PROPERTIES: readonly Hint[] = [
  ...properties("'SparseAutoencoder'", {
    'fit|train|train_on_batch|fit_transform': 'train(model, data, { epochs: 10 }) trains a model.',
    compile: 'train(model, data, { penalty, learningRate, epochs }) takes it all.',
    evaluate: 'evaluate(model, data) measures a model.',
    'predict|reconstruct': 'model.forward(x).reconstruction is x̂, model.encode(x) the code.',
    summary: "A model as a cell's last expression shows its summary.",
    'transform|get_activations': 'model.encode(x) is the code.',
    'cfg|config|get_config': 'model.architecture has its form.',
    'd_in|dIn|input_?[dD]im': 'It is model.architecture.inputDim.',
    'd_sae|dSae|hidden_?[dD]im|latent_?[dD]im': 'It is model.architecture.hiddenDim.',
    'to|cpu|cuda|eval|zero_grad':
      'Leave it out: train uses the fastest engine that is installed, and a model has no modes.',
    'load|load_weights|loadWeights|load_state_dict':
      'SparseAutoencoder.load(path) reads a model that model.save(path) has written.',
    loss: 'loss(model, x, { penalty }) has its terms; evaluate(model, data) measures the error.',
    'l0|mse|score': 'evaluate(model, data) measures it.',
    'weights|W|get_weights|getWeights|state_dict|named_parameters|trainable_variables|layers':
      'model.parameters has all weights, by name.',
    encoder: 'It is two arrays: model.encoderWeights and model.encoderBias.',
    decoder: 'It is two arrays: model.decoderWeights and model.decoderBias.',
    components_: 'It is called decoderWeights.',
    W_enc: 'It is called encoderWeights.',
    W_dec: 'It is called decoderWeights.',
    b_enc: 'It is called encoderBias.',
    b_dec: 'It is called decoderBias.',
    'count_params|countParams|num_params|num_?[pP]arameters': 'It is called parameterCount.',
  }),
  ...properties("'ForwardPass", {
    sae_out: 'It is called reconstruction.',
    feature_acts: 'It is called activations.',
  }),
  ...properties("'History'", {
    'history|loss|losses': 'history.rows has the records, history.last the last one.',
    plot: 'lossCurves(history) draws it.',
  }),
  ...properties("'HistoryRow'", {
    loss: 'It is called total; its parts are reconstruction and penalty.',
  }),
  ...properties("'Dataset'", {
    'shape|length|size': 'data.count is the number of rows, data.dim the number of columns.',
    'head|sample': 'data.take(5) is the first five rows.',
    'map|filter|forEach|iloc':
      'data.select([0, 2]) takes rows by their numbers; data.values has all numbers.',
    'plot|imshow': 'imageGrid(data.take(16)) draws its first images.',
    'y|y_train|target|targets': 'It is called labels.',
    'train|test|training': 'Split the rows yourself: data.slice(0, 1500) and data.slice(1500, data.count).',
    'X|x_train|data|images': 'train(model, data, …) takes the data set itself; data.values has its numbers.',
  }),
  ...properties("'AutoencoderOptions'", {
    activation: 'It is called hiddenActivation.',
    'architecture|k': 'A TopK model has hiddenActivation: topK(8).',
    'd_in|dIn': 'It is called inputDim.',
    'd_sae|dSae|latent_?[dD]im|nLatents|n_latents': 'It is called hiddenDim.',
  }),
  ...properties("'TrainOptions'", {
    'lr|learning_rate': 'It is called learningRate.',
    'optimizer|loss': 'Adam lowers reconstructionLoss + penalty: learningRate, betas, reconstructionLoss.',
    'validation_?[dD]ata': 'Other examples to measure on: monitor.',
    'validation_?[sS]plit':
      'Split the rows yourself: train on data.slice(0, 9000), measure on monitor: data.slice(9000, 10000).',
    callbacks: 'It is called onProgress.',
    verbose: 'Longer trainings show a bar by themselves; progress: false hides it.',
    metrics: 'history.rows has all metrics, and evaluate(model, data) measures them.',
  }),
  ...properties("'KlOptions'", {
    'target|sparsity_?[tT]arget': 'It is called rho.',
  }),
  ...properties("'.*\\blambda: number.*'", {
    'strength|alpha|coefficient|weight': 'It is called lambda.',
  }),
];

/** Names of the first version, which CHANGELOG.md lists. */
const EARLIER: readonly Hint[] = [
  ...properties("'(?:History|LossHistory|Sweep\\w+)'", {
    end: 'It is called status.',
  }),
  ...properties("'SweepRow'", {
    state: "It is called status, and is 'finished', 'diverged', 'failed' or 'missing'.",
  }),
  ...properties("'Sweep\\w+'", {
    served: 'It is called cached.',
  }),
  ...properties("'(?:Goal|HalvingOptions)'", {
    goal: 'It is called direction.',
  }),
  ...properties("'(?:PanelUnit|UnitStatistics|UnitRecovery)'", {
    activeShare: 'It is called activationFrequency.',
  }),
  ...properties("'\\w+Options'", {
    log: "Write xScale: 'log' or yScale: 'log'.",
    logX: "Write xScale: 'log'.",
    logY: "Write yScale: 'log'.",
  }),
  ...properties("'\\w+CurveOptions'", {
    points: 'It is called samples.',
  }),
  ...properties("'MeanActivationCurvesOptions'", {
    units: 'It is called count.',
  }),
  ...properties("'ActivationHeatmapOptions'", {
    examples: 'It is called count.',
  }),
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
  elements(
    'Dataset|SyntheticFeatures',
    'data.select([0]) is its first row as a data set, data.gather([0]) the numbers of that row; data.labels has the labels.',
  ),
  elements(
    'Tensor.*',
    'x.gather([0]) is its first row as a tensor; x.arraySync() has the numbers as an array.',
  ),
  elements('History|SweepTable|Table', 'Its rows are an array: rows.'),
  [/^Argument of type '\{ k: number; \}'/, 'It takes the number itself: topK(8).'],
  [
    /^Argument of type 'number\[\]\[\]' .*'(?:Rows|Matrix)/,
    'tf.tensor2d(rows) makes a tensor of arrays, Dataset.fromRows(rows) a data set.',
  ],
  [
    /'\w+' does not exist on type '(?:Matrix|Vector)'|^Argument of type '(?:Matrix|Vector)' .*'(?:Tensor|TensorLike)\b/,
    'It has values and shape. tf.tensor(x.values, [...x.shape]) makes a tensor, which has mean() and much more.',
  ],
  elements(
    'Matrix|Vector',
    'x.values has the numbers, row by row: entry (i, j) is x.values[i * x.shape[1] + j].',
  ),
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

/** The hints for properties or options that a type does not have, by their names, separated by `|`. */
function properties(type: string, hints: Readonly<Record<string, string>>): Hint[] {
  return Object.entries(hints).map(([names, hint]) => [new RegExp(`'(?:${names})' .*${type}`), hint]);
}

/** The hint for types, separated by `|`, that have no elements, neither by number nor one after the other. */
function elements(types: string, hint: string): Hint {
  return [new RegExp(`^Type '(?:${types})' (?:has no element|must have a '\\[Symbol)`), hint];
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
