/**
 * Our names for those of Keras, SAELens and the first version of this library, which readers type first.
 *
 * @module
 */

const MODEL = "'SparseAutoencoder'";

/** The compiler's message about such a name, followed by the line of the cell, and our advice. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  property('fit|train', MODEL, 'train(model, data, { epochs: 10 }) trains a model.'),
  property('compile', MODEL, 'train(model, data, { penalty, learningRate, epochs }) takes it all.'),
  property('evaluate', MODEL, 'evaluate(model, data) measures a model.'),
  property('predict', MODEL, 'model.forward(x).reconstruction is x̂, model.encode(x) the code.'),
  property('summary', MODEL, "A model as a cell's last expression shows its summary."),
  property('weights|get_weights|getWeights|state_dict', MODEL, 'model.parameters has all weights, by name.'),
  property('W_enc', MODEL, 'It is called encoderWeights.'),
  property('W_dec', MODEL, 'It is called decoderWeights.'),
  property('b_enc', MODEL, 'It is called encoderBias.'),
  property('b_dec', MODEL, 'It is called decoderBias.'),
  property('count_params|countParams|num_params', MODEL, 'It is called parameterCount.'),
  property('sae_out', "'ForwardPass", 'It is called reconstruction.'),
  property('feature_acts', "'ForwardPass", 'It is called activations.'),
  property('history|loss', "'History'", 'history.rows has the records, history.last the last one.'),
  property('loss', "'HistoryRow'", 'It is called total; its parts are reconstruction and penalty.'),
  property('end', "'History'", 'It is called status.'),
  property('goal', "'Goal'", 'It is called direction.'),
  property('activeShare', "'(?:PanelUnit|UnitStatistics|UnitRecovery)'", 'It is called activationFrequency.'),
  property('shape', "'Dataset'", 'data.count is the number of rows, data.dim that of numbers per row.'),
  property(
    'x_train|images',
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
  [
    /'(?:l1Coefficient|l1_coefficient|activity_regularizer)' /,
    'An L1 penalty is an option of train: penalty: l1(0.001).',
  ],
  [
    /^Type 'string' is not assignable to type 'Penalty'/,
    'A penalty is made by a function: l1(0.001), kl({ beta, rho }).',
  ],
  [
    /^Type '".*"' is not assignable to type 'Activation/,
    "Names are such as 'relu' and 'sigmoid'; topK(8), batchTopK(8), jumpRelu() and gated() are functions.",
  ],
  [/'(?:fromPretrained|from_pretrained|loadFromDisk)' /, 'loadSaeLens(folder) reads a model of SAELens.'],
  [
    /module 'sae[-_]lens'/,
    'loadSaeLens(folder) and saveSaeLens(model, folder) exchange models with SAELens.',
  ],
  [
    /(?:name|exported member(?: named)?) '\w*SAE(?:RunnerConfig)?'/,
    'A model is new SparseAutoencoder({ inputDim, hiddenDim }); train(model, data, { epochs }) trains it.',
  ],
  [/exported member named 'mnist'/, 'loadMnist() loads it.'],
  [
    /^Cannot find name '(?:activation|inputDim|input_dim|hiddenDim|hidden_dim|latent_dim|epochs|batch_size|lr)'.*\n.*\w ?= ?/,
    'Named arguments are an object here: { epochs: 10 }.',
  ],
  [
    /^Expected 1 arguments?, but got \d+\..*\n.*\bnew SparseAutoencoder\(/,
    'Its options are one object: { inputDim: 64, hiddenDim: 16 }.',
  ],
  [
    /^Expected 3 arguments, but got 2\..*\n.*\btrain(?:Cached)?\(/,
    'The third argument has the options, at least epochs: train(model, data, { epochs: 10 }).',
  ],
  [
    /name '(?:prompt|confirm)'/,
    "It is called input: import { input } from 'sparselab'; await input('Name?')",
  ],
  [/'keras' /, 'TensorFlow.js has tf.layers; the model of this course is SparseAutoencoder.'],
];

/** The hint for properties or options, separated by `|`, that a type does not have. */
function property(names: string, type: string, hint: string): readonly [RegExp, string] {
  return [new RegExp(`'(?:${names})' .*${type}`), hint];
}

/**
 * A hint for a message of the compiler about a name of another library or the first version; empty if it is about another name.
 *
 * @param line the line of the cell that the message is about
 */
export function hintFor(message: string, line: string): string {
  const said = `${message}\n${line}`;
  return HINTS.find(([pattern]) => pattern.test(said))?.[1] ?? '';
}
