// The uv that makes environments: the user's own if it is new enough, else one installed into a folder.

import { join } from 'node:path';

import { findExecutable, environmentExecutable, isExecutable } from './findExecutable';
import { ProcessError, runProcess } from './runProcess';

/** The oldest version that was tried. */
const MIN_VERSION = [0, 9];

/** Its path. Rejects with `ProcessError` if there is none and no Python to install one with. */
export async function findOrInstallUv(folder: string, onLine: (line: string) => void, signal: AbortSignal): Promise<string> {
  const userUv = await findExecutable('uv');
  if (userUv && (await isRecent(userUv))) {
    return userUv;
  }
  const environment = join(folder, 'uv');
  const ownUv = environmentExecutable(environment, 'uv');
  if (await isExecutable(ownUv)) {
    return ownUv;
  }
  const python = (await findExecutable('python3')) ?? (await findExecutable('python'));
  if (!python) {
    throw new ProcessError('neither uv nor Python was found');
  }
  onLine('installing uv, which makes the environment');
  await runProcess(python, ['-m', 'venv', environment], onLine, signal);
  await runProcess(environmentExecutable(environment, 'python'), ['-m', 'pip', 'install', '--quiet', 'uv'], onLine, signal);
  return ownUv;
}

async function isRecent(path: string): Promise<boolean> {
  let version: number[] = [];
  const parseVersion = (line: string): void => {
    version = /\d+(\.\d+)+/.exec(line)?.[0].split('.').map(Number) ?? version;
  };
  await runProcess(path, ['--version'], parseVersion).catch(() => undefined);
  const [major = 0, minor = 0] = version;
  const [minMajor = 0, minMinor = 0] = MIN_VERSION;
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
