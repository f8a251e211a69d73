/**
 * Redis, on which the tests of sweeps over several machines run. They start a server of their own, on this machine
 * alone; nothing else needs it here.
 */
import { excerpt, run } from './processes.mjs';
import { current, done, warning } from './steps.mjs';

const ADVICE =
  'Install it (Debian and Ubuntu: apt install redis-server; macOS: brew install redis), then run the same command again; ' +
  'until then the tests of queues fail.';

/** @type {import('./steps.mjs').Step} */
export const redisStep = {
  name: 'Redis for tests',
  async run() {
    const version = await installedVersion();
    if (version) return current(version);
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return warning('there is none', ADVICE);
    // Without a runlevel the package does not start its server as a service.
    const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env });
    const { output } = await run('apt-get', ['install', '--yes', '--no-install-recommends', 'redis-server'], {
      env,
    });
    const installed = await installedVersion();
    return installed
      ? done(`${installed}, from apt`)
      : warning('apt could not install it', `${excerpt(output)}\n${ADVICE}`);
  },
};

/** @returns {Promise<string | undefined>} such as `7.0.15` */
async function installedVersion() {
  const { code, stdout } = await run('redis-server', ['--version']);
  return code === 0 ? (/v=([\d.]+)/.exec(stdout)?.[1] ?? 'of unknown version') : undefined;
}
