import { platform } from '#platform';
import { requireText } from '../numbers/arguments';
import { base64, utf8 } from '../numbers/bytes';
import { DISPLAY, INSPECT, type MimeBundle } from './cell';
import { escapeHtml } from './escapeHtml';

/** A page that was written to a file. As a cell's last expression it says where; in a browser it is a link that downloads it. */
export class SavedPage {
  readonly path: string;
  /** The size of the file. */
  readonly bytes: number;
  readonly #html: Uint8Array;

  constructor(path: string, html: Uint8Array) {
    this.path = path;
    this.bytes = html.length;
    this.#html = html;
  }

  toString(): string {
    return `Saved: ${this.path}, ${Math.ceil(this.bytes / 1000).toLocaleString('en')} kB`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: a line and, where files end with the page, the file itself as a link. */
  [DISPLAY](): MimeBundle {
    const text = { 'text/plain': this.toString() };
    if (platform.files.lasting) return text;
    const name = escapeHtml(this.path.split('/').at(-1) ?? 'page.html');
    const address = `data:text/html;base64,${base64(this.#html)}`;
    return { ...text, 'text/html': `<a download="${name}" href="${address}">Download ${name}</a>` };
  }
}

/** Writes a page. @throws TypeError if `path` is not a string; Error from the file system, an older file then still stands */
export function savePage(path: string, html: string): SavedPage {
  requireText('path', path);
  const bytes = utf8(html);
  platform.files.write(path, bytes);
  return new SavedPage(path, bytes);
}
