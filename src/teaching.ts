/**
 * The names for assignments and their teachers: `import { exercises, points, verify } from 'sparselab/teaching'`.
 *
 * @module sparselab/teaching
 */

export * from './assignments';
