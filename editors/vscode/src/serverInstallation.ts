// The extension's own server: the wheel that comes with the extension, installed into an environment in the extension's storage.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type ExtensionContext, type LogOutputChannel, ProgressLocation, window } from 'vscode';

import { environmentExecutable, isExecutable } from './findExecutable';
import { isCertificateError, ProcessError, runProcess } from './runProcess';
import { findOrInstallUv } from './uvProgram';

/** What makes uv use the system's certificates; the second is what older versions read. */
const SYSTEM_CERTIFICATES = { UV_SYSTEM_CERTS: '1', UV_NATIVE_TLS: '1' };

export class ServerInstallation {
  private readonly storageFolder: string;
  private readonly bundleFolder: string;

  constructor(
    context: ExtensionContext,
    private readonly log: LogOutputChannel,
  ) {
    this.storageFolder = context.globalStorageUri.fsPath;
    this.bundleFolder = context.asAbsolutePath('server');
  }

  /** The path of the installed server; undefined if none is installed. */
  async findProgram(): Promise<string | undefined> {
    const path = environmentExecutable(this.environmentFolder, 'interfix');
    return (await this.readInstalledFingerprint()) !== undefined && (await isExecutable(path)) ? path : undefined;
  }

  /** Whether the installed server is not the one that comes with this extension. */
  async isOutdated(): Promise<boolean> {
    return (await this.readInstalledFingerprint()) !== (await this.computeFingerprint());
  }

  /** Install the server. Rejects with `ProcessError` and the reason if it fails or is cancelled. */
  async install(): Promise<void> {
    const options = { location: ProgressLocation.Notification, title: 'Interfix: installing the server', cancellable: true };
    await window.withProgress(options, async (progress, cancellation) => {
      const controller = new AbortController();
      cancellation.onCancellationRequested(() => controller.abort());
      const onLine = (line: string): void => {
        this.log.info(line);
        progress.report({ message: shortenLine(line) });
      };
      await this.createEnvironment(onLine, controller.signal);
    });
  }

  private async createEnvironment(onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    const wheel = await this.findWheel();
    if (!wheel) {
      throw new ProcessError('this build of the extension contains no server');
    }
    await mkdir(this.storageFolder, { recursive: true });
    const uv = await findOrInstallUv(this.storageFolder, onLine, signal);
    const isFinished = (await this.readInstalledFingerprint()) !== undefined;
    await writeFile(this.markerFile, '');
    // Into what a failed attempt left uv may not install, or it installs into the Python that the environment was made of.
    if (!isFinished || !(await isEnvironment(this.environmentFolder))) {
      await rm(this.environmentFolder, { recursive: true, force: true });
      await runUv(uv, ['venv', '--python', '>=3.11', this.environmentFolder], onLine, signal);
    }
    const constraints = ['--constraints', join(this.bundleFolder, 'constraints.txt')];
    const args = [
      'pip',
      'install',
      '--python',
      this.environmentFolder,
      '--no-config',
      ...constraints,
      '--reinstall-package',
      'interfix',
      wheel,
    ];
    await runUv(uv, args, onLine, signal);
    await writeFile(this.markerFile, await this.computeFingerprint());
  }

  private get environmentFolder(): string {
    return join(this.storageFolder, 'server');
  }

  private get markerFile(): string {
    return join(this.storageFolder, 'installed');
  }

  /** The fingerprint of the installed wheel; undefined if nothing is installed or the installation did not finish. */
  private async readInstalledFingerprint(): Promise<string | undefined> {
    return (await readFile(this.markerFile, 'utf8').catch(() => '')) || undefined;
  }

  private async findWheel(): Promise<string | undefined> {
    const names = await readdir(this.bundleFolder).catch(() => []);
    const name = names.find((each) => each.endsWith('.whl'));
    return name && join(this.bundleFolder, name);
  }

  private async computeFingerprint(): Promise<string> {
    const wheel = await this.findWheel();
    return wheel
      ? createHash('sha256')
          .update(await readFile(wheel))
          .digest('hex')
      : '';
  }
}

/** Whether a folder is an environment whose Python still runs: it may have been made of one that is gone. */
async function isEnvironment(folder: string): Promise<boolean> {
  const check = 'import sys; sys.exit(sys.prefix == sys.base_prefix)';
  return runProcess(environmentExecutable(folder, 'python'), ['-c', check], () => undefined).then(
    () => true,
    () => false,
  );
}

/** Runs uv; once more with the system's certificates if those it brings do not know the index's, as behind a proxy of a company. */
async function runUv(uv: string, args: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  try {
    await runProcess(uv, args, onLine, signal);
  } catch (error) {
    if (!isCertificateError(error) || signal.aborted) {
      throw error;
    }
    onLine("trying again with the system's certificates");
    await runProcess(uv, args, onLine, signal, SYSTEM_CERTIFICATES);
  }
}

/** A line of uv's output, short enough for a notification. */
function shortenLine(line: string): string {
  return line.slice(0, 100);
}
