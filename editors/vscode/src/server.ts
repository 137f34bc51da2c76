// The language server's life: found, started, followed, restarted. Knows none of its commands and nothing of what is drawn.

import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  InlineCompletionTriggerKind,
  type LogOutputChannel,
  type Position,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import {
  DidChangeConfigurationNotification,
  InlineCompletionRequest,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  State,
  TransportKind,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';

import { taken } from './actions';
import { Ahead, type Answer } from './ahead';
import { downloads } from './downloads';
import { serverSettings } from './settings';
import { type ServerStatus, type Standing, STARTING } from './standing';
import type { Switches } from './switches';

/** Documents of schemes that people write code in, virtual workspaces among them. */
const SCHEMES = ['file', 'untitled', 'vscode-vfs', 'vscode-notebook-cell'];

export class Server implements Disposable {
  private client: QuietClient | undefined;
  private now: Standing = STARTING;
  private readonly ahead = new Ahead((document, position, token) => this.suggest(document, position, token));
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
          this.configure();
        }
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.configure()),
      window.onDidChangeTextEditorSelection((event) => {
        if (this.running && this.asks(event.textEditor.document)) {
          this.ahead.moved(event);
        }
      }),
    ];
  }

  /** The client, while there is a server at its other end. */
  get running(): LanguageClient | undefined {
    return this.client?.state === State.Running ? this.client : undefined;
  }

  get standing(): Standing {
    return this.now;
  }

  /** Say how things stand, while there is no server to say so. */
  stand(standing: Standing): void {
    this.now = standing;
    this.changes.fire(standing);
  }

  /** Whether it could be started. */
  async start(command: string): Promise<boolean> {
    await this.stop();
    const client = new QuietClient('interfix', 'Interfix', { command, args: ['serve'], transport: TransportKind.stdio }, this.options());
    this.client = client;
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...(capabilities.experimental as object | undefined), interfix: { status: true } };
      },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
    client.onNotification('interfix/status', (status: ServerStatus) => this.stand(status));
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState !== State.Running) {
        this.stand(newState === State.Starting ? STARTING : { state: 'stopped', message: 'The log tells why.' });
      }
    });
    try {
      await client.start();
      return true;
    } catch (error) {
      this.log.error(`${command} serve: ${String(error)}`);
      this.stand({ state: 'stopped', message: `"${command} serve" could not be started.` });
      return false;
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch((error: unknown) => this.log.warn(`stopping the server: ${String(error)}`));
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private configure(): void {
    void this.running?.sendNotification(DidChangeConfigurationNotification.type, { settings: { interfix: serverSettings() } });
  }

  /** Whether suggestions are shown unasked in a document. */
  private asks(document: TextDocument): boolean {
    return SCHEMES.includes(document.uri.scheme) && !this.switches.paused && !this.switches.off(document.languageId);
  }

  private async suggest(document: TextDocument, position: Position, token: CancellationToken): Promise<Answer> {
    const client = this.running;
    if (!client) {
      return undefined;
    }
    const params = {
      ...client.code2ProtocolConverter.asTextDocumentPositionParams(document, position),
      context: client.code2ProtocolConverter.asInlineCompletionContext({
        triggerKind: InlineCompletionTriggerKind.Automatic,
        selectedCompletionInfo: undefined,
      }),
    };
    try {
      const list = await client.sendRequest(InlineCompletionRequest.type, params, token);
      return token.isCancellationRequested ? undefined : await client.protocol2CodeConverter.asInlineCompletionResult(list, token);
    } catch (error) {
      return client.handleFailedRequest(InlineCompletionRequest.type, token, error, undefined);
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: SCHEMES.map((scheme) => ({ scheme })),
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { interfix: serverSettings() },
      middleware: this.middleware(),
    };
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
      handleWorkDoneProgress: downloads((token) => {
        void this.running?.sendNotification(WorkDoneProgressCancelNotification.type, { token });
      }),
      workspace: {
        configuration: ({ items }) => items.map(({ section }) => (section === 'interfix' ? serverSettings() : null)),
      },
    };
  }
}

/** Leaves its failures to the log and to us, who say them once and with something to do about it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
