/**
 * The page of every public name: TypeDoc's, from the comments in src/.
 */
import { register } from 'node:module';
import { join } from 'node:path';
import { SetupError } from '../errors.mjs';
import { root } from '../paths.mjs';

/** Where the pages begin, from the site. */
export const API = 'api';

/**
 * Writes the pages, instead of older ones.
 *
 * @param {string} folder
 * @throws {SetupError} if a comment links to a name that is not there
 */
export async function writeApi(folder) {
  register('./typescript.mjs', import.meta.url);
  const { Application } = await import('typedoc');
  const app = await Application.bootstrap({
    name: 'Sparselab',
    entryPoints: ['index.ts', 'teaching.ts'].map((file) => join(root, 'src', file)),
    tsconfig: join(root, 'tsconfig.json'),
    readme: 'none',
    // Another package's names, and names without a comment.
    excludeExternals: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    githubPages: false,
    sort: ['source-order'],
    navigationLinks: { Lessons: '../index.html' },
    logLevel: 'Warn',
    // `npm run check` has checked the types.
    skipErrorChecking: true,
    validation: { notExported: false, invalidLink: true, notDocumented: false },
  });
  const project = await app.convert();
  if (!project) throw new SetupError('TypeDoc could not read src/.', 'Read the lines above.');
  await app.generateDocs(project, folder);
}
