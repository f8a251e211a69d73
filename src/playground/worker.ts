/**
 * The worker's script. `npm run site` bundles it without the library, which it takes from the bundle beside it: the one that
 * the lessons run.
 *
 * @module
 */
import type { ToPage, ToWorker } from './messages';
import { Session } from './session';

/** The names of a worker that are used here. */
declare const self: {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: ToPage): void;
};

const session = new Session({
  post: (message) => self.postMessage(message),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds))),
});

self.onmessage = ({ data }) => void session.hear(data);
