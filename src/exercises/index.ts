export { todo } from '../verdicts/todo';
export { Verdict, type VerdictStatus } from '../verdicts/verdict';
export * as check from './check';
