// Starts the server that is configured, is on the PATH or was installed; offers to install one where there is none.

import { commands, type Disposable, env, type LogOutputChannel, Uri, window, workspace } from 'vscode';

import { findExecutable } from './findExecutable';
import type { LanguageServer } from './languageServer';
import type { ServerInstallation } from './serverInstallation';
import { readServerCommand } from './settings';
import { UvMissingError } from './uvProgram';

const INSTALL = 'Install';
const CHOOSE_COMMAND = 'Choose the Command';
const SHOW_LOG = 'Show Log';
const UPDATE = 'Update';
const RETRY = 'Try Again';
const GET_UV = 'How to Get uv';
const UV_PAGE = Uri.parse('https://docs.astral.sh/uv/getting-started/installation/');

export class ServerSetup implements Disposable {
  private readonly subscription: Disposable;

  constructor(
    private readonly server: LanguageServer,
    private readonly installation: ServerInstallation,
    private readonly log: LogOutputChannel,
  ) {
    this.subscription = workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('interfix.server')) {
        void this.start();
      }
    });
  }

  /** Start or restart the server; if there is none, tell the user what to do. */
  async start(): Promise<void> {
    const configured = readServerCommand();
    const command = configured || (await findExecutable('interfix')) || (await this.installation.findProgram());
    if (!command) {
      await this.server.stop();
      this.server.setState({ state: 'missing', message: 'The server runs the models on this machine.' });
      await this.showOffer('Interfix needs its server, which runs the models on this machine. Install it now?', [INSTALL, CHOOSE_COMMAND]);
    } else if (!(await this.server.start(command))) {
      const message = `Interfix could not start "${command} serve". Install the server, or say where its command is.`;
      await this.showOffer(message, [INSTALL, CHOOSE_COMMAND, SHOW_LOG]);
    } else if (command === (await this.installation.findProgram()) && (await this.installation.isOutdated())) {
      await this.showOffer('This version of Interfix comes with a newer server. Update it now?', [UPDATE]);
    }
  }

  /** Install the extension's own server and start it. */
  async install(): Promise<void> {
    await this.server.stop();
    this.server.setState({ state: 'installing', message: 'It takes some seconds; llama.cpp is downloaded at the first start.' });
    try {
      await this.installation.install();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.error(`installing the server: ${reason}`);
      this.server.setState({ state: 'missing', message: `It could not be installed: ${reason}.` });
      const buttons = error instanceof UvMissingError ? [GET_UV] : [];
      await this.showOffer(`The server could not be installed: ${reason}.`, [RETRY, ...buttons, SHOW_LOG]);
      return;
    }
    await this.start();
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async showOffer(message: string, buttons: readonly string[]): Promise<void> {
    const chosen = await window.showWarningMessage(message, ...buttons);
    if (chosen === INSTALL || chosen === UPDATE || chosen === RETRY) {
      await this.install();
    } else if (chosen === CHOOSE_COMMAND) {
      await commands.executeCommand('workbench.action.openSettings', 'interfix.server.command');
    } else if (chosen === GET_UV) {
      await env.openExternal(UV_PAGE);
    } else if (chosen === SHOW_LOG) {
      this.log.show();
    }
  }
}
