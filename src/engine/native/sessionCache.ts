/**
 * Loaded graphs that nobody uses at the moment. Loading one takes a tenth of a second, so a training whose graph is
 * the same as an earlier one's, which a sweep's are, takes that one's session over.
 *
 * The key is the graph itself, byte for byte: a step's code never has to be compared.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { Session } from './session';

/** Idle sessions kept; their variables are empty, so that each holds some hundred kilobytes. */
const CAPACITY = 8;

/** Idle sessions, the one used longest ago first. */
const idle: { readonly key: string; readonly session: Session }[] = [];

/** A session for a graph, for one user alone until it is released. Its variables are not set. */
export function acquireSession(savedModel: Uint8Array): Session {
  const key = keyOf(savedModel);
  const position = idle.findIndex((entry) => entry.key === key);
  const [found] = position < 0 ? [] : idle.splice(position, 1);
  return found?.session ?? new Session(savedModel);
}

/** Gives a session back, with empty variables. */
export function releaseSession(savedModel: Uint8Array, session: Session): void {
  idle.push({ key: keyOf(savedModel), session });
  if (idle.length > CAPACITY) idle.shift()?.session.dispose();
}

const keyOf = (savedModel: Uint8Array) => createHash('sha256').update(savedModel).digest('base64');
