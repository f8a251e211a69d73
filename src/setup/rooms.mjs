/**
 * The house: the rooms of src/, and the imports that each may have. CONTRIBUTING.md draws it; a test holds both equal.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * The rooms by floor, the highest first. A room is a folder of src/, or a file directly in it. It may import what is on
 * a lower floor; rooms of one floor do not know each other.
 * @type {readonly (readonly string[])[]}
 */
export const FLOORS = [
  ['index.ts', 'teaching.ts'],
  ['exercises', 'sweep'],
  ['assignments', 'monitoring', 'plots'],
  ['features', 'interchange', 'training'],
  ['model'],
  ['controls', 'datasets', 'engine', 'verdicts'],
  ['page'],
  ['numbers'],
  ['provenance'],
  ['platform'],
];

/** Rooms that stand apart from the house, and the only rooms that each may import. */
export const APART = /** @satisfies {Readonly<Record<string, readonly string[]>>} */ ({
  'kernel/node': ['kernel/core'],
  'kernel/web': ['kernel/core'],
  'kernel/core': [],
  playground: ['index.ts'],
  'playground/page': ['playground'],
  notebook: [],
  classroom: [],
  setup: [],
});

/** The rooms that a room may import. @param {string} room @returns {readonly string[]} */
export function importable(room) {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  return floor < 0 ? (new Map(Object.entries(APART)).get(room) ?? []) : FLOORS.slice(floor + 1).flat();
}

/**
 * The wrong imports of a project's src/ and bench/, types included: one line for each that climbs, and for each circle of
 * files.
 * @param {string} project
 * @returns {string[]}
 */
export function importComplaints(project) {
  const imports = readImports(project);
  const climbing = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) =>
      ruleBroken(roomOf(file), roomOf(target)).map((rule) => `${file} imports ${target}: ${rule}`),
    ),
  );
  return [...climbing, ...circles(imports)];
}

const ROOMS = [...FLOORS.flat(), ...Object.keys(APART)];

/** @param {string | undefined} from @param {string | undefined} to @returns {string[]} */
function ruleBroken(from, to) {
  // Only src/ has rooms.
  if (from === undefined || to === undefined || from === to) return [];
  const unknown = [from, to].find((room) => !ROOMS.includes(room));
  if (unknown !== undefined) return [`${unknown} must be a room: give it a floor in src/setup/rooms.mjs`];
  const permitted = importable(from);
  return permitted.includes(to) ? [] : [`${from} may import ${permitted.join(', ') || 'no other room'}`];
}

/** The room of a file of src/. @param {string} file */
function roomOf(file) {
  const [top, room, inner] = file.split('/');
  if (top !== 'src') return undefined;
  return ROOMS.includes(`${room}/${inner}`) ? `${room}/${inner}` : room;
}

/** The project's files that each file imports. @param {string} project @returns {Map<string, string[]>} */
function readImports(project) {
  const files = ['src', 'bench'].flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|cjs|js)$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  const known = new Set(files);
  /** @type {Record<string, Record<string, string>>} */
  const aliases = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).imports ?? {};
  return new Map(
    files.map((file) => {
      const code = readFileSync(join(project, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      const targets = Array.from(
        code.matchAll(/\b(?:from|import|require)\b[\s(]*'([.#][^']*)'/g),
        ([, name = '']) => {
          // An alias is two modules, one for Node and one for web pages; both lie in one room.
          const path =
            aliases[name]?.default?.replace('./dist/', 'src/') ?? posix.join(posix.dirname(file), name);
          const stem = path.replace(/\.js$/, '');
          return [path, `${stem}.ts`, `${stem}/index.ts`].find((candidate) => known.has(candidate)) ?? path;
        },
      );
      return [file, [...new Set(targets)]];
    }),
  );
}

/** The circles among the files, each once. @param {ReadonlyMap<string, readonly string[]>} imports @returns {string[]} */
function circles(imports) {
  /** @type {string[]} */
  const found = [];
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} file @param {readonly string[]} path how we came here */
  const visit = (file, path) => {
    if (path.includes(file))
      found.push(`${[...path.slice(path.indexOf(file)), file].join(' → ')}: a circle of imports`);
    if (done.has(file) || path.includes(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
