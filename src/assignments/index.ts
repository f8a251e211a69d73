export * as exercises from './exercises';
export {
  type Exercise,
  expect,
  type Input,
  type InputKind,
  type Misconception,
  points,
  type VerifyOptions,
  verify,
} from './verify';
