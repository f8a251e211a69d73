/** The terms of the loss; penalty and weightDecay are unweighted, as their definitions give them. */
export interface LossTerms<T = number> {
  readonly reconstruction: T;
  readonly penalty: T;
  readonly weightDecay: T;
  /** reconstruction + strength × penalty + weight decay's strength × weightDecay. */
  readonly total: T;
}
