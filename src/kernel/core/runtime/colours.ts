/**
 * ANSI colours: notebooks and terminals show them in tracebacks.
 *
 * @module
 */

const style = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;

export const bold = style(1, 22);
export const dim = style(2, 22);
export const red = style(31, 39);
export const cyan = style(36, 39);
