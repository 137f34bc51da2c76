// The language server's life: start, state, restart, stop. Also which documents get suggestions by themselves.

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

import { replaceCommands } from './codeActions';
import { createProgressHandler } from './downloadProgress';
import type { InterfixClient } from './interfixClient';
import { collectMemberNames } from './memberNames';
import type { NextEdits } from './nextEdits';
import { Prefetcher } from './keystrokePrefetch';
import { type ServerStatus, type ServerState, STARTING_STATE } from './serverStateTypes';
import { collectServerSettings, readSetting } from './settings';
import type { SuggestionToggles } from './suggestionToggles';

/** URI schemes of documents that hold code, virtual workspaces among them. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs', 'vscode-notebook-cell'];

export class LanguageServer implements Disposable {
  private client: InterfixClient | undefined;
  private currentNextEdits: NextEdits | undefined;
  private currentState: ServerState = STARTING_STATE;
  private readonly prefetcher = new Prefetcher(async (...place) => this.runningClient?.requestInlineCompletions(...place));
  private readonly changes = new EventEmitter<ServerState>();
  private readonly registrations: readonly Disposable[];
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly log: LogOutputChannel,
    private readonly toggles: SuggestionToggles,
  ) {
    this.registrations = [
      this.prefetcher,
      this.changes,
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('interfix')) {
          void this.runningClient?.sendSettings();
        }
      }),
      workspace.onDidGrantWorkspaceTrust(() => void this.runningClient?.sendSettings()),
      window.onDidChangeTextEditorSelection((event) => {
        if (this.runningClient && this.suggestsAutomatically(event.textEditor.document)) {
          this.prefetcher.onSelectionChange(event);
        }
      }),
    ];
  }

  /** The client, while its server runs. */
  get runningClient(): InterfixClient | undefined {
    return this.client?.isRunning() ? this.client : undefined;
  }

  /** The next edits, while the server runs. */
  get nextEdits(): NextEdits | undefined {
    return this.runningClient ? this.currentNextEdits : undefined;
  }

  get state(): ServerState {
    return this.currentState;
  }

  /** Set the state while no server reports it. */
  setState(state: ServerState): void {
    this.currentState = state;
    this.changes.fire(state);
  }

  /** Start a server; resolves with whether that worked. A newer start replaces one that is under way. */
  async start(command: string): Promise<boolean> {
    const { InterfixClient, NextEdits, State } = await import('./clientFeaturesBundle.js');
    const client = new InterfixClient(command, this.log, SCHEMES, this.createMiddleware());
    client.onNotification('interfix/status', (status: ServerStatus) => this.setState(status));
    client.onRequest('interfix/names', collectMemberNames);
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState !== State.Running) {
        this.setState(newState === State.Starting ? STARTING_STATE : { state: 'stopped', message: 'The log tells why.' });
      }
    });
    await this.replaceClient(client);
    if (this.client !== client) {
      return true;
    }
    try {
      await client.start();
    } catch (error) {
      this.log.error(`${command} serve: ${String(error)}`);
      if (this.client === client) {
        this.setState({ state: 'stopped', message: `"${command} serve" could not be started.` });
        return false;
      }
    }
    if (this.client !== client) {
      await this.disposeClient(client);
    } else {
      this.currentNextEdits = new NextEdits(client, (document) => this.suggestsNextEdits(document));
    }
    return true;
  }

  async stop(): Promise<void> {
    await this.replaceClient(undefined);
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  /** Replace the client, by another or by none, and end the old one. */
  private async replaceClient(client: InterfixClient | undefined): Promise<void> {
    this.currentNextEdits?.dispose();
    this.currentNextEdits = undefined;
    const previous = this.client;
    this.client = client;
    if (previous) {
      await this.disposeClient(previous);
    }
  }

  private async disposeClient(client: InterfixClient): Promise<void> {
    await client.dispose().catch((error: unknown) => this.log.warn(`stopping the server: ${String(error)}`));
  }

  /** Whether a document gets suggestions without being asked. */
  private suggestsAutomatically(document: TextDocument): boolean {
    return SCHEMES.includes(document.uri.scheme) && !this.toggles.paused && !this.toggles.isOff(document.languageId);
  }

  /** Whether a document gets next edits without being asked. */
  private suggestsNextEdits(document: TextDocument): boolean {
    return SCHEMES.includes(document.uri.scheme) && !this.toggles.paused && readSetting<boolean>('nextEdit.enabled') !== false;
  }

  private createMiddleware(): Middleware {
    return {
      didChange: (event, next) => {
        this.prefetcher.onDocumentChange(event);
        return next(event);
      },
      notebooks: {
        didChange: (event, next) => {
          for (const change of event.cells?.textContent ?? []) {
            this.prefetcher.onDocumentChange(change);
          }
          return next(event);
        },
      },
      provideInlineCompletionItems: async (document, position, context, token, next) => {
        const automatic = context.triggerKind === InlineCompletionTriggerKind.Automatic;
        if (automatic && !this.suggestsAutomatically(document)) {
          return undefined;
        }
        const completions = await (this.prefetcher.take(document, position, context, token) ?? next(document, position, context, token));
        const items = Array.isArray(completions) ? completions : completions?.items;
        if (items?.length && !token.isCancellationRequested) {
          this.nextEdits?.yieldToSuggestion(document, position);
        }
        return completions;
      },
      provideCodeActions: async (document, range, context, token, next) => {
        const codeActions = await next(document, range, context, token);
        return codeActions && replaceCommands(codeActions);
      },
      handleWorkDoneProgress: createProgressHandler((token) => void this.runningClient?.cancelProgress(token)),
      workspace: {
        configuration: ({ items }) => items.map(({ section }) => (section === 'interfix' ? collectServerSettings() : null)),
      },
    };
  }
}
