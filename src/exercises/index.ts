export * as check from './check';
export { todo } from './todo';
export { Verdict, type VerdictStatus } from './verdict';
