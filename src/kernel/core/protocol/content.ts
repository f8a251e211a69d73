/**
 * Reads the content of a request, which may hold anything.
 *
 * @module
 */

import type { JsonObject } from './message';

/** @throws TypeError if the field is not a string */
export function text(content: JsonObject, field: string): string {
  const value = content[field];
  if (typeof value !== 'string')
    throw new TypeError(`${field} must be a string; got ${JSON.stringify(value)}`);
  return value;
}

/** @throws TypeError if the field is there and no JSON object */
export function object(content: JsonObject, field: string): JsonObject {
  const value = content[field] ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TypeError(`${field} must be an object; got ${JSON.stringify(value)}`);
  return value as JsonObject;
}

/** @throws TypeError if the field is there and neither true nor false */
export function flag(content: JsonObject, field: string, fallback: boolean): boolean {
  const value = content[field] ?? fallback;
  if (typeof value !== 'boolean') {
    throw new TypeError(`${field} must be true or false; got ${JSON.stringify(value)}`);
  }
  return value;
}

/** @throws TypeError if the field is there and no integer */
export function integer<T>(content: JsonObject, field: string, fallback: T): number | T {
  const value = content[field] ?? undefined;
  if (value === undefined) return fallback;
  if (!Number.isInteger(value))
    throw new TypeError(`${field} must be an integer; got ${JSON.stringify(value)}`);
  return value as number;
}
