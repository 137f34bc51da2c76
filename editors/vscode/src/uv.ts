// A uv to make environments with: the user's own where it is new enough, else one of ours in a folder.

import { join } from 'node:path';

import { Failed, run } from './process';
import { found, inEnvironment, runs } from './program';

/** The first that knows how to build a package with another compiler. */
const LEAST = [0, 9];

/** Its path. Rejects with `Failed` where there is none and no Python to get one with. */
export async function uv(folder: string, hear: (line: string) => void, ended: AbortSignal): Promise<string> {
  const own = await found('uv');
  if (own && (await recent(own))) {
    return own;
  }
  const environment = join(folder, 'uv');
  const ours = inEnvironment(environment, 'uv');
  if (await runs(ours)) {
    return ours;
  }
  const python = (await found('python3')) ?? (await found('python'));
  if (!python) {
    throw new Failed('neither uv nor Python was found');
  }
  hear('getting uv, which makes the environment');
  await run(python, ['-m', 'venv', environment], hear, ended);
  await run(inEnvironment(environment, 'python'), ['-m', 'pip', 'install', '--quiet', 'uv'], hear, ended);
  return ours;
}

async function recent(path: string): Promise<boolean> {
  let version: number[] = [];
  const read = (line: string): void => {
    version = /\d+(\.\d+)+/.exec(line)?.[0].split('.').map(Number) ?? version;
  };
  await run(path, ['--version'], read).catch(() => undefined);
  const [major = 0, minor = 0] = version;
  const [leastMajor = 0, leastMinor = 0] = LEAST;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
