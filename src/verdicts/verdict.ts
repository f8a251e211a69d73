import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import { escapeHtml } from '../page/escapeHtml';

/** The result of a check: right, wrong (and then why), or that there is nothing to check yet. */
export type VerdictStatus = 'right' | 'wrong' | 'unanswered';

const LOOK = {
  right: { mark: '✓', color: '#1a7f37' },
  wrong: { mark: '✗', color: '#bc4c00' },
  unanswered: { mark: '○', color: '#57606a' },
} as const satisfies Record<VerdictStatus, { mark: string; color: string }>;

/**
 * The answer of a check. Make it a cell's last expression and the cell shows it; it never throws, so that a notebook
 * with open exercises runs to its end.
 */
export class Verdict {
  readonly status: VerdictStatus;
  /** The finding, in a sentence or a few lines. */
  readonly message: string;

  constructor(status: VerdictStatus, message: string) {
    this.status = status;
    this.message = message;
  }

  /** Whether the answer is right. */
  get passed(): boolean {
    return this.status === 'right';
  }

  /** The message behind a mark: `✓`, `✗` or `○`. */
  toString(): string {
    return `${LOOK[this.status].mark} ${this.message}`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook. */
  [DISPLAY](): MimeBundle {
    const { color } = LOOK[this.status];
    const style = `border-left: 4px solid ${color}; padding: 4px 12px; white-space: pre-wrap; margin: 0`;
    return {
      'text/plain': this.toString(),
      'text/html': `<p style="${style}">${escapeHtml(this.toString())}</p>`,
    };
  }
}

/** The verdict on an exercise that nobody has begun. */
export function unanswered(): Verdict {
  return new Verdict(
    'unanswered',
    'Not answered yet: replace todo() or undefined above with your answer, run that cell, then this one.',
  );
}
