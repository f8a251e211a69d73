/** The JSON on the last line of a program's output; messages of libraries may come before it. */
export function lastLine<T>(output: string): T {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}
