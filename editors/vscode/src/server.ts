// The language server's life: started, shown in the status bar, restarted when its command changes. Knows none of its commands.

import { commands, type Disposable, type LogOutputChannel, window, workspace } from 'vscode';
import {
  DidChangeConfigurationNotification,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';

import { serverCommand, serverSettings } from './settings';
import type { Status } from './status';

export class Server implements Disposable {
  private client: QuietClient | undefined;
  private readonly listener: Disposable;

  constructor(
    private readonly log: LogOutputChannel,
    private readonly status: Status,
  ) {
    this.listener = workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('interfix.server')) {
        void this.restart();
      } else if (change.affectsConfiguration('interfix')) {
        void this.running?.sendNotification(DidChangeConfigurationNotification.type, { settings: { interfix: serverSettings() } });
      }
    });
  }

  /** The client, while there is a server at its other end. */
  get running(): LanguageClient | undefined {
    return this.client?.state === State.Running ? this.client : undefined;
  }

  async start(): Promise<void> {
    const command = serverCommand();
    const client = new QuietClient('interfix', 'Interfix', { command, args: ['serve'], transport: TransportKind.stdio }, this.options());
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) {
        return;
      }
      if (newState === State.Running) {
        this.status.ready();
      } else if (newState === State.Starting) {
        this.status.starting();
      } else {
        this.status.failed('The Interfix server has stopped');
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.log.error(`${command} serve: ${String(error)}`);
      this.status.failed(`"${command} serve" could not be started`);
      await this.offerHelp(command);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch((error: unknown) => this.log.warn(`stopping the server: ${String(error)}`));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  dispose(): void {
    this.listener.dispose();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { interfix: serverSettings() },
      middleware: {
        workspace: {
          configuration: ({ items }) => items.map(({ section }) => (section === 'interfix' ? serverSettings() : null)),
        },
      },
    };
  }

  private async offerHelp(command: string): Promise<void> {
    const choose = 'Choose the Command';
    const showLog = 'Show Log';
    const message = `Interfix could not start "${command} serve". Install the server, or say where its command is.`;
    const chosen = await window.showErrorMessage(message, choose, showLog);
    if (chosen === choose) {
      await commands.executeCommand('workbench.action.openSettings', 'interfix.server.command');
    } else if (chosen === showLog) {
      this.log.show();
    }
  }
}

/** Leaves its failures to the log and to us, who say them once and with something to do about it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
