/**
 * This process cannot run a trial without giving other numbers than were asked for: it has another version of the
 * library, of a data set or of a module. Another worker may have the right one.
 */
export class TrialRefusedError extends Error {
  override readonly name = 'TrialRefusedError';

  /**
   * @param what What differs, such as `data set 'digits'`; or the whole message.
   * @param wanted The hash that the trial asks for.
   * @param here The hash of this machine's copy.
   */
  constructor(what: string, wanted?: string, here?: string) {
    super(
      wanted === undefined
        ? what
        : `${what} is another version here: the trial needs ${wanted.slice(0, 12)}…, this worker has ${here?.slice(0, 12)}…`,
    );
  }
}
