import type { OwnPicture, ToPage, ToWorker } from '../messages';
import type { Settings } from '../settings';

/** The page's side of the worker. */
export class Client {
  readonly #worker: Worker;
  /** Starts that the worker has not answered: what it tells until then is of an older training. */
  #awaited = 0;

  /**
   * @param script the worker's address
   * @param hear called with what the worker tells of the newest training
   */
  constructor(script: string, hear: (message: ToPage) => void) {
    this.#worker = new Worker(script);
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data.kind === 'started') this.#awaited--;
      if (data.kind === 'failed') this.#awaited = 0;
      if (this.#awaited === 0 || data.kind === 'busy') hear(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      hear({ kind: 'failed', reason: event.message || 'the training’s script could not be loaded' });
    };
  }

  start(settings: Settings, own?: readonly OwnPicture[]): void {
    this.#awaited++;
    this.#post({ kind: 'start', settings, ...(settings.data === 'own' && own && { own }) });
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
    this.#worker.postMessage(message);
  }
}
