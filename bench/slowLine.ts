/**
 * A server of files at the end of a slow line, which compresses as those of the web do.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const CHUNK_BYTES = 16_384;

/** The round trip of a request, in milliseconds. */
const DELAY_MS = 40;

/** Types that browsers insist on. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves a folder over a line of a given number of megabits per second, which all requests share. */
export function slowLine(folder: string, megabits: number): Server {
  const bytesPerMillisecond = (megabits * 1e6) / 8 / 1000;
  const compressed = new Map<string, Buffer>();
  /** When the line has sent all that was given to it. */
  let free = 0;
  const turn = (bytes: number) => {
    free = Math.max(free, performance.now()) + bytes / bytesPerMillisecond;
    return new Promise((resolve) => setTimeout(resolve, free - performance.now()));
  };
  return createServer(async ({ url = '/' }, response) => {
    const path = join(folder, decodeURIComponent(new URL(url, 'http://localhost').pathname));
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    if (!existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const content = compressed.get(path) ?? gzipSync(readFileSync(path));
    compressed.set(path, content);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
      'Content-Encoding': 'gzip',
    });
    for (let start = 0; start < content.length && !response.destroyed; start += CHUNK_BYTES) {
      const chunk = content.subarray(start, start + CHUNK_BYTES);
      await turn(chunk.length);
      response.write(chunk);
    }
    response.end();
  });
}
