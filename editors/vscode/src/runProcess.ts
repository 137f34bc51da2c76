// Runs a program until it ends and passes on each line it prints.

import { type ChildProcess, spawn } from 'node:child_process';

export class ProcessError extends Error {}

/**
 * Resolves when the program exits with 0. Rejects with `ProcessError` if it exits otherwise or cannot be started.
 * @param onLine gets each line of its output
 * @param signal kills the program and its children
 */
export function runProcess(command: string, args: readonly string[], onLine: (line: string) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const hasGroup = process.platform !== 'win32';
    const child = spawn(command, args, { detached: hasGroup, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const abort = (): void => killGroup(child, hasGroup);
    signal?.addEventListener('abort', abort);
    let lastLine = '';
    for (const stream of [child.stdout, child.stderr]) {
      let incompleteLine = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (incompleteLine + text).split(/\r?\n/);
        incompleteLine = lines.pop() ?? '';
        for (const line of lines.filter((each) => each.trim())) {
          lastLine = line.trim();
          onLine(lastLine);
        }
      });
    }
    child.on('error', (error) => reject(new ProcessError(error.message)));
    child.on('close', (code) => {
      signal?.removeEventListener('abort', abort);
      code === 0 && !signal?.aborted
        ? resolve()
        : reject(new ProcessError(signal?.aborted ? 'cancelled' : lastLine || `exit code ${code}`));
    });
  });
}

function killGroup(child: ChildProcess, hasGroup: boolean): void {
  try {
    hasGroup && child.pid ? process.kill(-child.pid, 'SIGTERM') : child.kill();
  } catch {
    // It has exited already.
  }
}
