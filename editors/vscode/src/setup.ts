// Gets a server going: the configured one, one on the PATH, or one that the extension installs when the user wants it to.

import { commands, type Disposable, env, type LogOutputChannel, Uri, window, workspace } from 'vscode';

import type { Installation } from './installation';
import { Failed } from './process';
import { found } from './program';
import type { Server } from './server';
import { serverCommand } from './settings';

const INSTALL = 'Install';
const CHOOSE = 'Choose the Command';
const LOG = 'Show Log';
const UPDATE = 'Update';
const RETRY = 'Try Again';
const GET_UV = 'How to Get uv';
const UV = Uri.parse('https://docs.astral.sh/uv/getting-started/installation/');

export class Setup implements Disposable {
  private readonly listening: Disposable;

  constructor(
    private readonly server: Server,
    private readonly installation: Installation,
    private readonly log: LogOutputChannel,
  ) {
    this.listening = workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('interfix.server')) {
        void this.start();
      }
    });
  }

  /** Start a server, anew if there is one; tell the user what to do where there is none. */
  async start(): Promise<void> {
    const configured = serverCommand();
    const command = configured || (await found('interfix')) || (await this.installation.program());
    if (!command) {
      await this.server.stop();
      this.server.stand({ state: 'missing', message: 'The server runs the models on this machine.' });
      await this.offer('Interfix needs its server, which runs the models on this machine. Install it now?', [INSTALL, CHOOSE]);
    } else if (!(await this.server.start(command))) {
      const message = `Interfix could not start "${command} serve". Install the server, or say where its command is.`;
      await this.offer(message, [INSTALL, CHOOSE, LOG]);
    } else if (command === (await this.installation.program()) && (await this.installation.outdated())) {
      await this.offer('This version of Interfix brings a newer server. Update it now?', [UPDATE]);
    }
  }

  /** Install the extension's own server and start it. */
  async install(): Promise<void> {
    await this.server.stop();
    this.server.stand({ state: 'installing', message: 'It takes some seconds; llama.cpp is downloaded at the first start.' });
    try {
      await this.installation.install();
    } catch (error) {
      const reason = error instanceof Failed ? error.message : String(error);
      this.log.error(`installing the server: ${reason}`);
      this.server.stand({ state: 'missing', message: `It could not be installed: ${reason}.` });
      const ways = reason.startsWith('neither') ? [GET_UV] : [];
      await this.offer(`The server could not be installed: ${reason}.`, [RETRY, ...ways, LOG]);
      return;
    }
    await this.start();
  }

  dispose(): void {
    this.listening.dispose();
  }

  private async offer(message: string, ways: readonly string[]): Promise<void> {
    const chosen = await window.showWarningMessage(message, ...ways);
    if (chosen === INSTALL || chosen === UPDATE || chosen === RETRY) {
      await this.install();
    } else if (chosen === CHOOSE) {
      await commands.executeCommand('workbench.action.openSettings', 'interfix.server.command');
    } else if (chosen === GET_UV) {
      await env.openExternal(UV);
    } else if (chosen === LOG) {
      this.log.show();
    }
  }
}
