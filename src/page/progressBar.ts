/**
 * A bar that says how far something is, below a cell.
 *
 * @module
 */

import type { MimeBundle } from './cell';
import { escapeHtml } from './escapeHtml';

/** How far something is. */
export interface ProgressState {
  /** The part that is done, from 0 to 1. */
  readonly fraction: number;
  readonly text: string;
}

const TEXT_WIDTH = 20;

/** A fraction in whole per cent. */
export const percent = (fraction: number): string => `${Math.floor(100 * fraction)} %`;

/** The bar as HTML and as text. */
export function progressBar({ fraction, text }: ProgressState): MimeBundle {
  const filled = Math.round(TEXT_WIDTH * fraction);
  const bar = '█'.repeat(filled) + '░'.repeat(TEXT_WIDTH - filled);
  const style =
    'display: flex; flex-wrap: wrap; align-items: center; gap: 0 1em; font-variant-numeric: tabular-nums';
  return {
    'text/plain': `${bar} ${percent(fraction)} · ${text}`,
    'text/html': `<div style="${style}"><progress value="${fraction.toFixed(4)}"></progress><span>${escapeHtml(text)}</span></div>`,
  };
}

/** The empty display that replaces a bar. */
export const NO_BAR: MimeBundle = { 'text/plain': '', 'text/html': '' };
