// Runs a program to its end and hands on what it says. Knows no program.

import { type ChildProcess, spawn } from 'node:child_process';

export class Failed extends Error {}

/**
 * Resolves when the program has ended well. Rejects with `Failed` where it did not, or could not be started.
 * @param hear gets each line it writes
 * @param ended ends the program and all it has started
 */
export function run(command: string, args: readonly string[], hear: (line: string) => void, ended?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const group = process.platform !== 'win32';
    const child = spawn(command, args, { detached: group, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const end = (): void => kill(child, group);
    ended?.addEventListener('abort', end);
    let last = '';
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? '';
        for (const line of lines.filter((each) => each.trim())) {
          last = line.trim();
          hear(last);
        }
      });
    }
    child.on('error', (error) => reject(new Failed(error.message)));
    child.on('close', (code) => {
      ended?.removeEventListener('abort', end);
      code === 0 && !ended?.aborted ? resolve() : reject(new Failed(ended?.aborted ? 'cancelled' : last || `exit code ${code}`));
    });
  });
}

function kill(child: ChildProcess, group: boolean): void {
  try {
    group && child.pid ? process.kill(-child.pid, 'SIGTERM') : child.kill();
  } catch {
    // It has ended by itself.
  }
}
