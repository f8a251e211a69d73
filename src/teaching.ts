/**
 * What assignments and their teachers need: `import { exercises, points, verify } from 'sparselab/teaching'`.
 *
 * @module sparselab/teaching
 */

export * from './assignments';
