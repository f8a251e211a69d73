/** The terms of the loss; penalty and weightDecay are unweighted, as their definitions give them. */
export interface LossTerms<T = number> {
  readonly reconstruction: T;
  readonly penalty: T;
  readonly weightDecay: T;
  /** The weighted term of an activation or a rule: {@link gated}, {@link auxK}. `undefined` if nothing does. */
  readonly auxiliary?: T;
  /** The penalty's strength in this step, where a schedule or a rule changes it; else it is the penalty's own. */
  readonly strength?: T;
  /** reconstruction + strength × penalty + weight decay's strength × weightDecay + auxiliary. */
  readonly total: T;
}
