// Finds programs: on the PATH, in the usual folders beside it, or in a Python environment.

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

const EXTENSIONS = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];

/** Users' programs that are not on the PATH of an editor started from a desktop. */
const EXTRA_FOLDERS = [join(homedir(), '.local', 'bin'), join(homedir(), '.cargo', 'bin'), '/opt/homebrew/bin', '/usr/local/bin'];

/** The absolute path of a program; undefined if there is none with that name. */
export async function findExecutable(name: string): Promise<string | undefined> {
  const folders = isAbsolute(name) ? [''] : [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_FOLDERS];
  for (const folder of folders) {
    for (const ending of EXTENSIONS) {
      const path = join(folder, name + ending);
      if (await isExecutable(path)) {
        return path;
      }
    }
  }
  return undefined;
}

/** The path of a program in a Python environment. */
export function environmentExecutable(folder: string, name: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name);
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
