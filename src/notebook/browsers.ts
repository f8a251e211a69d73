/**
 * The browsers that authors and tests drive, found where this machine has them; none is downloaded.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, firefox, type LaunchOptions } from 'playwright-core';

/** Names a Chromium, Chrome or Edge, where none is found. */
const BROWSER_VARIABLE = 'SPARSELAB_BROWSER';
/** Names a Firefox. */
const FIREFOX_VARIABLE = 'SPARSELAB_FIREFOX';

/** The first Chromium, Chrome or Edge that starts. @param args more arguments for it */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return firstThatStarts(
    `Pictures need a Chromium, Chrome or Edge: install one, or name it in ${BROWSER_VARIABLE}.`,
    chromiums().map((options) => () => chromium.launch({ ...options, args: [...args] })),
  );
}

/**
 * The first Firefox that starts, driven by WebDriver BiDi, which unpatched ones speak.
 *
 * @param preferences as in `about:config`
 */
export async function launchFirefox(
  preferences: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Browser> {
  return firstThatStarts(
    `There must be a Firefox: install one, or name it in ${FIREFOX_VARIABLE}.`,
    programs(FIREFOX_VARIABLE, 'firefox-esr', 'firefox').map(
      (executablePath) => () =>
        firefox.launch({ channel: 'moz-firefox', executablePath, firefoxUserPrefs: { ...preferences } }),
    ),
  );
}

async function firstThatStarts(
  advice: string,
  starts: readonly (() => Promise<Browser>)[],
): Promise<Browser> {
  const problems: string[] = [];
  for (const start of starts) {
    try {
      return await start();
    } catch (error) {
      problems.push((error as Error).message.split('\n')[0] as string);
    }
  }
  throw new Error(`${advice}\n${problems.join('\n')}`);
}

/** Where a Chromium may be: the one named, else those on the PATH, else where its installer puts it. */
function chromiums(): LaunchOptions[] {
  const found = programs(BROWSER_VARIABLE, 'chromium', 'chromium-browser').map((executablePath) => ({
    executablePath,
  }));
  return process.env[BROWSER_VARIABLE] ? found : [...found, { channel: 'chrome' }, { channel: 'msedge' }];
}

/** The program that a variable names, else those on the PATH that have one of these names. */
function programs(variable: string, ...names: readonly string[]): string[] {
  const named = process.env[variable];
  if (named) return [named];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .filter((path) => existsSync(path));
}
