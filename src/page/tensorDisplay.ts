/**
 * A tensor as a notebook shows it: its numbers, and not what TensorFlow.js keeps of it. Importing this module makes it so.
 * Only what a cell shows is concerned: in a step that is being compiled no tensor may be read.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { DISPLAY, type MimeBundle } from './cell';

Object.defineProperty(tf.Tensor.prototype, DISPLAY, {
  configurable: true,
  value(this: tf.Tensor): MimeBundle {
    const kind = `Tensor ${this.dtype} [${this.shape.join(', ')}]`;
    // The first line of its text is the word Tensor alone.
    const numbers = this.isDisposed ? ', disposed' : this.toString().replace(/^Tensor/, '');
    return { 'text/plain': `${kind}${numbers}` };
  },
});
