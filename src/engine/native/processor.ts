import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The instruction sets of the processor, by the names that Linux has for them; none if the system does not tell. */
export function processorFeatures(): readonly string[] {
  try {
    if (process.platform === 'linux') return featuresIn(readFileSync('/proc/cpuinfo', 'utf8'));
    if (process.platform === 'darwin') return featuresOfMac();
  } catch {
    // Neither file nor command is there.
  }
  return [];
}

/** The instruction sets in the text of /proc/cpuinfo: of the first processor, as all have the same. */
export function featuresIn(cpuinfo: string): readonly string[] {
  // x86 calls them flags, Arm Features.
  const [, names = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo) ?? [];
  return names.split(/\s+/).filter((name) => name !== '');
}

function featuresOfMac(): readonly string[] {
  const answer = execFileSync('sysctl', ['-n', 'hw.optional.arm.FEAT_BF16'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return answer.trim() === '1' ? ['neon', 'bf16'] : ['neon'];
}
