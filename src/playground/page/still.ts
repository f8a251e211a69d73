/** Whether the reader has asked for pages that keep still, or for few bytes: then nothing starts by itself. */
export const keepsStill = (): boolean =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ||
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
