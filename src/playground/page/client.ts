import type { News, OwnPicture, ToPage, ToWorker } from '../messages';
import type { Settings } from '../settings';

/** The page's side of the worker. */
export class Client {
  readonly #worker: Worker | undefined;
  /** The newest training; what is told of an older one is out of date. */
  #training = 0;

  /**
   * @param script the worker's address
   * @param hear called with what the worker tells of the newest training
   */
  constructor(script: string, hear: (news: News) => void) {
    try {
      this.#worker = new Worker(script);
    } catch (error) {
      // From a disk browsers start no worker.
      queueMicrotask(() => hear({ kind: 'failed', reason: (error as Error).message }));
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data.training === this.#training) hear(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      hear({ kind: 'failed', reason: event.message || 'its script could not be loaded' });
    };
  }

  start(settings: Settings, own?: readonly OwnPicture[]): void {
    const pictures = settings.data === 'own' && own ? { own } : {};
    this.#post({ kind: 'start', training: ++this.#training, settings, ...pictures });
  }

  run(epochs: number, perSecond: number): void {
    this.#post({ kind: 'run', epochs, perSecond });
  }

  pause(): void {
    this.#post({ kind: 'pause' });
  }

  change(settings: Settings): void {
    this.#post({ kind: 'change', settings });
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }
}
