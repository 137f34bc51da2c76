// Where the server's program is: configured, on the PATH, or installed by us. Installs nothing and starts nothing.

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

const ENDINGS = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];

/** Where users' programs are that an editor started from a desktop does not see on its PATH. */
const BESIDE = [join(homedir(), '.local', 'bin'), join(homedir(), '.cargo', 'bin'), '/opt/homebrew/bin', '/usr/local/bin'];

/** The absolute path of a program; undefined where there is none of that name. */
export async function found(name: string): Promise<string | undefined> {
  const folders = isAbsolute(name) ? [''] : [...(process.env['PATH'] ?? '').split(delimiter), ...BESIDE];
  for (const folder of folders) {
    for (const ending of ENDINGS) {
      const path = join(folder, name + ending);
      if (await runs(path)) {
        return path;
      }
    }
  }
  return undefined;
}

/** The path of a program in a Python environment. */
export function inEnvironment(folder: string, name: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}

export async function runs(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
