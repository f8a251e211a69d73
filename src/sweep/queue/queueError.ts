/** The queue cannot be used: its URL is wrong, or nobody answers there. Never holds a password. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}
