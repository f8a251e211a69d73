/** The queue cannot be used: its URL is wrong, nobody answers there, or Redis refuses. Never holds a password. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}
