/**
 * Our words for the names of Keras and SAELens, which readers type first.
 *
 * @module
 */

/** The compiler's message about such a name, and our advice. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  [/'fit' .*'SparseAutoencoder'/, 'train(model, data, { epochs: 10 }) trains a model.'],
  [/'compile' .*'SparseAutoencoder'/, 'train(model, data, { penalty, learningRate, epochs }) takes it all.'],
  [/'evaluate' .*'SparseAutoencoder'/, 'evaluate(model, data) measures a model.'],
  [/'predict' .*'SparseAutoencoder'/, 'model.forward(x).reconstruction is x̂, model.encode(x) the code.'],
  [/'summary' .*'SparseAutoencoder'/, "A model as a cell's last expression shows its summary."],
  [/'(?:fromPretrained|from_pretrained|loadFromDisk)' /, 'loadSaeLens(folder) reads a model of SAELens.'],
  [
    /(?:name|exported member) '(?:SAE|StandardSAE|TopKSAE)'/,
    'A model is new SparseAutoencoder({ inputDim, hiddenDim }).',
  ],
  [/'(?:d_in|dIn)' .*'AutoencoderOptions'/, 'It is called inputDim.'],
  [/'(?:d_sae|dSae)' .*'AutoencoderOptions'/, 'It is called hiddenDim.'],
  [/'(?:lr|learning_rate)' .*'TrainOptions'/, 'It is called learningRate.'],
  [
    /'(?:l1Coefficient|l1_coefficient|activity_regularizer)' /,
    'An L1 penalty is an option of train: penalty: l1(0.001).',
  ],
  [
    /'(?:optimizer|loss)' .*'TrainOptions'/,
    'Adam lowers reconstructionLoss + penalty: learningRate, betas, reconstructionLoss.',
  ],
  [/'(?:validationData|validation_data)' .*'TrainOptions'/, 'Other examples to measure on: monitor.'],
  [/'callbacks' .*'TrainOptions'/, 'It is called onProgress.'],
  [
    /name '(?:prompt|confirm)'/,
    "It is called input: import { input } from 'sparselab'; await input('Name?')",
  ],
  [/'keras' /, 'TensorFlow.js has tf.layers; the model of this course is SparseAutoencoder.'],
];

/** A hint for a message of the compiler about a name of another library; empty if it is about another name. */
export function hintFor(message: string): string {
  return HINTS.find(([said]) => said.test(message))?.[1] ?? '';
}
