// The uv that makes environments: the user's own if it is new enough, else one installed into a folder.

import { join } from 'node:path';

import { findExecutable, environmentExecutable, isExecutable } from './findExecutable';
import { isCertificateError, ProcessError, runProcess } from './runProcess';

/** There is no uv, and none could be installed. */
export class UvMissingError extends ProcessError {}

/** The oldest version that was tried. */
const MIN_VERSION = [0, 9];

/** Its path. Rejects with `UvMissingError` if there is none and none can be installed. */
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
    throw new UvMissingError('neither uv nor Python was found');
  }
  onLine('installing uv, which makes the environment');
  try {
    await runProcess(python, ['-m', 'venv', '--clear', environment], onLine, signal);
    await runPip(environmentExecutable(environment, 'python'), onLine, signal);
  } catch (error) {
    throw error instanceof ProcessError && !signal.aborted ? new UvMissingError(error.message, error.output) : error;
  }
  return ownUv;
}

/** Runs pip; once more with the system's certificates where it is one that has to be told. */
async function runPip(python: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const args = ['-m', 'pip', 'install', '--quiet', 'uv'];
  try {
    await runProcess(python, args, onLine, signal);
  } catch (error) {
    if (!isCertificateError(error) || signal.aborted) {
      throw error;
    }
    onLine("trying again with the system's certificates");
    // What an older pip says of this is no reason.
    await runProcess(python, [...args, '--use-feature=truststore'], onLine, signal).catch(() => Promise.reject(error));
  }
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
