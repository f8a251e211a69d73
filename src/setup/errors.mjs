/** A step of set-up failed, and the user can do something about it. */
export class SetupError extends Error {
  /**
   * @param {string} problem what went wrong, in one sentence
   * @param {string} remedy what to install or do
   * @param {string} [output] the end of the failed program's output
   */
  constructor(problem, remedy, output = '') {
    super(problem);
    this.name = 'SetupError';
    this.remedy = remedy;
    this.output = output;
  }
}

/** The text of anything thrown. @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
