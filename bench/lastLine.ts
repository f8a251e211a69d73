/** What a program has printed as JSON on its last line; before it may stand what libraries say of themselves. */
export function lastLine<T>(output: string): T {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}
