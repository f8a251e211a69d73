/**
 * `npm run worker`: joins a queue of trials and works until told to leave.
 *
 *     npm run worker -- --queue redis://host:6379       with the URL in the command
 *     npm run worker                                    with the URL in the environment variable SPARSELAB_QUEUE
 *     npm run worker -- --queue … --processes 2         two trials at a time
 *     npm run worker -- --queue … --finish 60           told to leave, it goes on with its trials for up to a minute
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command } from './command.mjs';
import { root } from './paths.mjs';
import { setUp } from './setUp.mjs';

await command(async () => {
  await setUp();
  // In this very process, so that a request to stop reaches the worker from any sender.
  await import(pathToFileURL(join(root, 'dist', 'sweep', 'queue', 'main.js')).href);
  return 0;
});
