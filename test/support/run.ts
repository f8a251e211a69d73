/** Whether everything is checked. The short run (`npm test` alone) takes samples where one law is checked of many things. */
export const WHOLE = process.env.SPARSELAB_TESTS !== 'short';

/** The options of a test that is left to the whole run. */
export const IN_WHOLE_RUN = { skip: !WHOLE && 'with CI=true, or by name' };

/** All of these; in the short run the first. */
export const sampled = <T>(all: readonly T[]): readonly T[] => (WHOLE ? all : all.slice(0, 1));
