// Runs a program until it ends and passes on each line it prints.

import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';

import { findError } from './findError';

export class ProcessError extends Error {
  /** @param output all lines that the program printed, empty ones included */
  constructor(
    message: string,
    readonly output: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Whether a program failed because it did not trust a server's certificate. */
export function isCertificateError(error: unknown): boolean {
  return error instanceof ProcessError && error.output.some((line) => /certificate/i.test(line));
}

/**
 * Resolves when the program exits with 0. Rejects with `ProcessError` if it exits otherwise or cannot be started.
 * @param onLine gets each line of its output
 * @param signal kills the program and its children
 * @param variables added to the program's environment
 */
export function runProcess(
  command: string,
  args: readonly string[],
  onLine: (line: string) => void,
  signal?: AbortSignal,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const hasGroup = process.platform !== 'win32';
    const env = { ...process.env, ...variables };
    const child = spawn(command, args, { env, detached: hasGroup, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const abort = (): void => killGroup(child, hasGroup);
    signal?.addEventListener('abort', abort);
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      let incompleteLine = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (incompleteLine + text).split(/\r?\n/);
        incompleteLine = lines.pop() ?? '';
        output.push(...lines);
        lines.map((line) => line.trim()).filter(Boolean).forEach(onLine);
      });
      stream.on('end', () => output.push(incompleteLine));
    }
    child.on('error', (error) => reject(new ProcessError(error.message)));
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', abort);
      const reason = killedBy ? `${basename(command)} was ended by ${killedBy}` : `${basename(command)} ended with exit code ${code}`;
      code === 0 && !signal?.aborted
        ? resolve()
        : reject(new ProcessError(signal?.aborted ? 'it was cancelled' : (findError(output) ?? reason), output));
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
