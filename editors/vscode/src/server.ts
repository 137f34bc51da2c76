// The language server's life: found, started, followed, restarted. Knows none of its commands and nothing of what is drawn.

import {
  type Disposable,
  EventEmitter,
  InlineCompletionTriggerKind,
  type LogOutputChannel,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';

import { taken } from './actions';
import { Ahead } from './ahead';
import type { Client } from './client';
import { downloads } from './downloads';
import { serverSettings } from './settings';
import { type ServerStatus, type Standing, STARTING } from './standing';
import type { Switches } from './switches';

/** Documents of schemes that people write code in, virtual workspaces among them. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs', 'vscode-notebook-cell'];

export class Server implements Disposable {
  private client: Client | undefined;
  private now: Standing = STARTING;
  private readonly ahead = new Ahead(async (...place) => this.running?.suggest(...place));
  private readonly changes = new EventEmitter<Standing>();
  private readonly registrations: readonly Disposable[];
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly log: LogOutputChannel,
    private readonly switches: Switches,
  ) {
    this.registrations = [
      this.ahead,
      this.changes,
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('interfix')) {
          void this.running?.configure();
        }
      }),
      workspace.onDidGrantWorkspaceTrust(() => void this.running?.configure()),
      window.onDidChangeTextEditorSelection((event) => {
        if (this.running && this.asks(event.textEditor.document)) {
          this.ahead.moved(event);
        }
      }),
    ];
  }

  /** The client, while there is a server at its other end. */
  get running(): Client | undefined {
    return this.client?.isRunning() ? this.client : undefined;
  }

  get standing(): Standing {
    return this.now;
  }

  /** Say how things stand, while there is no server to say so. */
  stand(standing: Standing): void {
    this.now = standing;
    this.changes.fire(standing);
  }

  /** Whether it could be started; a newer start takes over from one that is under way. */
  async start(command: string): Promise<boolean> {
    const { Client, State } = await import('./work.js');
    const client = new Client(command, this.log, SCHEMES, this.middleware());
    client.onNotification('interfix/status', (status: ServerStatus) => this.stand(status));
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState !== State.Running) {
        this.stand(newState === State.Starting ? STARTING : { state: 'stopped', message: 'The log tells why.' });
      }
    });
    await this.take(client);
    if (this.client !== client) {
      return true;
    }
    try {
      await client.start();
    } catch (error) {
      this.log.error(`${command} serve: ${String(error)}`);
      if (this.client === client) {
        this.stand({ state: 'stopped', message: `"${command} serve" could not be started.` });
        return false;
      }
    }
    if (this.client !== client) {
      await this.end(client);
    }
    return true;
  }

  async stop(): Promise<void> {
    await this.take(undefined);
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  /** Put a client, or none, in the place of the one there is, which ends. */
  private async take(client: Client | undefined): Promise<void> {
    const before = this.client;
    this.client = client;
    if (before) {
      await this.end(before);
    }
  }

  private async end(client: Client): Promise<void> {
    await client.dispose().catch((error: unknown) => this.log.warn(`stopping the server: ${String(error)}`));
  }

  /** Whether suggestions are shown unasked in a document. */
  private asks(document: TextDocument): boolean {
    return SCHEMES.includes(document.uri.scheme) && !this.switches.paused && !this.switches.off(document.languageId);
  }

  private middleware(): Middleware {
    return {
      didChange: (event, next) => {
        this.ahead.changed(event);
        return next(event);
      },
      provideInlineCompletionItems: (document, position, context, token, next) => {
        const automatic = context.triggerKind === InlineCompletionTriggerKind.Automatic;
        if (automatic && !this.asks(document)) {
          return undefined;
        }
        return this.ahead.take(document, position, context, token) ?? next(document, position, context, token);
      },
      provideCodeActions: async (document, range, context, token, next) => {
        const listed = await next(document, range, context, token);
        return listed && taken(listed);
      },
      handleWorkDoneProgress: downloads((token) => void this.running?.cancel(token)),
      workspace: {
        configuration: ({ items }) => items.map(({ section }) => (section === 'interfix' ? serverSettings() : null)),
      },
    };
  }
}
