import type * as tf from '@tensorflow/tfjs';
import type { OptimizerState } from '../engine';
import type { Matrix, Values } from '../numbers/values';
import type { Architecture, ByParameter, ForwardPass } from './architecture';

/** Inputs of a rule before the first step. */
export interface RuleStart {
  readonly architecture: Architecture;
  /** Some of the examples, drawn by the seed. */
  readonly sample: Matrix;
}

/** Inputs of a rule in a step. */
export interface RuleStep {
  readonly architecture: Architecture;
  readonly parameters: ByParameter<tf.Tensor>;
  readonly state: ByParameter<tf.Tensor>;
  /** The batch as the model sees it. */
  readonly x: tf.Tensor2D;
  readonly pass: ForwardPass;
  /** How far a reconstruction is from x: the objective's error. */
  error(x: tf.Tensor2D, reconstruction: tf.Tensor2D): tf.Scalar;
}

/** Inputs of a rule that acts between steps. */
export interface RuleBetween {
  readonly architecture: Architecture;
  /** Steps taken. */
  readonly step: number;
  /** The training's seed. */
  readonly seed: number;
  /** Some of the examples, others from step to step. */
  sample(count: number): Matrix;
}

/**
 * A habit of training: something that happens at the start of a training, in each of its steps, or now and then between two.
 * A rule is made of as many of these functions as it needs; those of tensors are pure and written in tf operations, so that
 * they are compiled with the step. The order in a step is
 *
 *     input → loss (with strength and auxiliary) → gradients → nextState → Adam → settle
 *
 * Each of several rules acts on the result of the one before.
 *
 * @example
 * // Weights that shrink a little after each step, biases left alone.
 * const shrink: StepRule = {
 *   name: 'shrink',
 *   settle: ({ encoderWeights }) => ({ parameters: { encoderWeights: encoderWeights.mul(0.999) } }),
 * };
 * await train(model, digits, { epochs: 5, rules: [shrink] });
 */
export interface StepRule {
  /** Its name in files and messages. */
  readonly name: string;
  /** The numbers that it is made with: with the name all that a file says of it. */
  readonly settings?: Readonly<Record<string, number | string>>;
  /** Refuses a model that it cannot be used with. @throws RangeError saying why. */
  requireFit?(architecture: Architecture): void;
  /** The parameters with which a training starts that resumes no other. */
  begin?(parameters: ByParameter<Values>, start: RuleStart): ByParameter<Values>;
  /** The rule's own arrays before the first step; their names begin with the rule's. */
  state?(parameters: ByParameter<Values>, start: RuleStart): ByParameter<Values>;
  /** The batch as the model sees it. */
  input?(x: tf.Tensor2D, state: ByParameter<tf.Tensor>): tf.Tensor2D;
  /** Factor for the penalty's strength. */
  strength?(state: ByParameter<tf.Tensor>): tf.Scalar;
  /** A term that is added to the loss. */
  auxiliary?(step: RuleStep): tf.Scalar;
  /** Gradients for Adam instead of these. */
  gradients?(
    gradients: ByParameter<tf.Tensor>,
    step: Pick<RuleStep, 'architecture' | 'parameters'>,
  ): ByParameter<tf.Tensor>;
  /** The rule's arrays after a batch, of which h is the code. */
  nextState?(state: ByParameter<tf.Tensor>, h: tf.Tensor2D): ByParameter<tf.Tensor>;
  /** Arrays that are set once Adam has moved. */
  settle?(
    parameters: ByParameter<tf.Tensor>,
    state: ByParameter<tf.Tensor>,
  ): { readonly parameters?: ByParameter<tf.Tensor>; readonly state?: ByParameter<tf.Tensor> };
  /** The model's parameters when it is measured and handed over, from those of the training. */
  result?(parameters: ByParameter<Values>, state: ByParameter<Values>): ByParameter<Values>;
  /** Acts on all arrays, each time this many steps are done. */
  readonly between?: {
    readonly every: number;
    act(state: OptimizerState, between: RuleBetween): OptimizerState;
  };
}

/** Whether a rule is one of the library's: then its name and settings determine it. */
export function isKnownRule(rule: StepRule): boolean {
  return knownRules.has(rule);
}

const knownRules = new WeakSet<StepRule>();

/** Marks a rule whose name and settings say all there is to say about it. */
export function knownRule(rule: StepRule): StepRule {
  knownRules.add(Object.freeze(rule));
  return rule;
}
