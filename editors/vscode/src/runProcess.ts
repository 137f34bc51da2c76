// Runs a program until it ends and passes on each line it prints.

import { type ChildProcess, spawn } from 'node:child_process';

export class ProcessError extends Error {
  /** @param output all lines that the program printed */
  constructor(
    message: string,
    readonly output: readonly string[] = [],
  ) {
    super(message);
  }
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
        for (const line of lines.filter((each) => each.trim())) {
          output.push(line.trim());
          onLine(line.trim());
        }
      });
    }
    child.on('error', (error) => reject(new ProcessError(error.message)));
    child.on('close', (code) => {
      signal?.removeEventListener('abort', abort);
      code === 0 && !signal?.aborted
        ? resolve()
        : reject(new ProcessError(signal?.aborted ? 'cancelled' : (findError(output) ?? `exit code ${code}`), output));
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

/**
 * The error in a program's output: the first line that calls itself one, with its last cause. Hints, which follow it, are left out.
 * Undefined if nothing was printed.
 */
export function findError(output: readonly string[]): string | undefined {
  const first = output.findIndex((line) => /^(error|fatal)\b|^×/i.test(line));
  const said = output.filter((line) => !/^(hint|note|help)\b/i.test(line));
  if (first < 0) {
    return said.at(-1) ?? output.at(-1);
  }
  const causes = output.slice(first + 1).filter((line) => /^(caused by|cause)\b|^[╰├]─▶/i.test(line));
  return [output[first] ?? '', ...causes.slice(-1)].map(stripLabel).join(': ');
}

function stripLabel(line: string): string {
  return line.replace(/^(error|fatal|caused by|cause):\s*|^[×╰├─▶\s]+/i, '').replace(/[.:]$/, '');
}
