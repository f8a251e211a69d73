/**
 * A server at the end of a slow line, which compresses as those of the web do.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';

const CHUNK_BYTES = 16_384;

/** The round trip of a request, in milliseconds. */
const DELAY_MS = 40;

/** An answer of the other server, compressed. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly content: Buffer;
}

/** Passes on what another server answers, over a line of a given number of megabits per second, which all requests share. */
export function slowLine(origin: string, megabits: number): Server {
  const bytesPerMillisecond = (megabits * 1e6) / 8 / 1000;
  const answers = new Map<string, Promise<Answer>>();
  /** When the line has sent all that was given to it. */
  let free = 0;
  const turn = (bytes: number) => {
    free = Math.max(free, performance.now()) + bytes / bytesPerMillisecond;
    return new Promise((resolve) => setTimeout(resolve, free - performance.now()));
  };
  return createServer(async ({ url = '/' }, response) => {
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    const answer = answers.get(url) ?? answerOf(new URL(url, origin));
    answers.set(url, answer);
    const { status, type, content } = await answer;
    response.writeHead(status, { 'Content-Type': type, 'Content-Encoding': 'gzip' });
    for (let start = 0; start < content.length && !response.destroyed; start += CHUNK_BYTES) {
      const chunk = content.subarray(start, start + CHUNK_BYTES);
      await turn(chunk.length);
      response.write(chunk);
    }
    response.end();
  });
}

async function answerOf(address: URL): Promise<Answer> {
  const response = await fetch(address);
  return {
    status: response.status,
    type: response.headers.get('Content-Type') ?? 'text/plain',
    content: gzipSync(await response.arrayBuffer()),
  };
}
