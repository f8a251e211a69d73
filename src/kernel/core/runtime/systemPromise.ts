/** The promises of the language, taken when the kernel starts: a cell may put another library's in their place. */
export const SystemPromise = Promise;
