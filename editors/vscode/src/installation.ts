// A server of the extension's own: the package that lies in the extension, in an environment in the extension's storage.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type ExtensionContext, type LogOutputChannel, ProgressLocation, window } from 'vscode';

import { Failed, run } from './process';
import { inEnvironment, runs } from './program';
import { uv } from './uv';

export class Installation {
  private readonly folder: string;
  private readonly bundled: string;

  constructor(
    context: ExtensionContext,
    private readonly log: LogOutputChannel,
  ) {
    this.folder = context.globalStorageUri.fsPath;
    this.bundled = context.asAbsolutePath('server');
  }

  /** The server's program, where it was installed before. */
  async program(): Promise<string | undefined> {
    const path = inEnvironment(this.environment, 'interfix');
    return (await this.installed()) !== undefined && (await runs(path)) ? path : undefined;
  }

  /** Whether what is installed is another version than the extension brings. */
  async outdated(): Promise<boolean> {
    return (await this.installed()) !== (await this.fingerprint());
  }

  /** Rejects with `Failed` and the reason where it could not be done, or was cancelled. */
  async install(): Promise<void> {
    const options = { location: ProgressLocation.Notification, title: 'Interfix: installing the server', cancellable: true };
    await window.withProgress(options, async (progress, cancelled) => {
      const ended = new AbortController();
      cancelled.onCancellationRequested(() => ended.abort());
      const hear = (line: string): void => {
        this.log.info(line);
        progress.report({ message: said(line) });
      };
      await this.make(hear, ended.signal);
    });
  }

  private async make(hear: (line: string) => void, ended: AbortSignal): Promise<void> {
    const wheel = await this.wheel();
    if (!wheel) {
      throw new Failed('this build of the extension brings no server');
    }
    await mkdir(this.folder, { recursive: true });
    const program = await uv(this.folder, hear, ended);
    await writeFile(this.marker, '');
    if (!(await runs(inEnvironment(this.environment, 'python')))) {
      await run(program, ['venv', '--python', '>=3.11', this.environment], hear, ended);
    }
    const tested = ['--constraints', join(this.bundled, 'constraints.txt')];
    const args = ['pip', 'install', '--python', this.environment, '--no-config', ...tested, '--reinstall-package', 'interfix', wheel];
    await run(program, args, hear, ended);
    await writeFile(this.marker, await this.fingerprint());
  }

  private get environment(): string {
    return join(this.folder, 'server');
  }

  private get marker(): string {
    return join(this.folder, 'installed');
  }

  /** What was installed last; undefined where nothing was, or not to its end. */
  private async installed(): Promise<string | undefined> {
    return (await readFile(this.marker, 'utf8').catch(() => '')) || undefined;
  }

  private async wheel(): Promise<string | undefined> {
    const names = await readdir(this.bundled).catch(() => []);
    const name = names.find((each) => each.endsWith('.whl'));
    return name && join(this.bundled, name);
  }

  private async fingerprint(): Promise<string> {
    const wheel = await this.wheel();
    return wheel ? createHash('sha256').update(await readFile(wheel)).digest('hex') : '';
  }
}

/** What of uv's words a user is shown. */
function said(line: string): string {
  return line.slice(0, 100);
}
