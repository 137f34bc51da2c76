// The language client: the connection between the editor and the server.

import {
  type CancellationToken,
  InlineCompletionTriggerKind,
  type LogOutputChannel,
  type Position,
  type SelectedCompletionInfo,
  type TextDocument,
} from 'vscode';
import {
  DidChangeConfigurationNotification,
  ErrorAction,
  type ErrorHandler,
  InlineCompletionRequest,
  LanguageClient,
  type Middleware,
  type ProgressToken,
  RevealOutputChannelOn,
  TransportKind,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';

import type { InlineCompletions } from './keystrokePrefetch';
import { collectServerSettings } from './settings';

export class InterfixClient extends LanguageClient {
  /** @param schemes URI schemes of the documents that are sent to the server */
  constructor(command: string, log: LogOutputChannel, schemes: readonly string[], middleware: Middleware) {
    super(
      'interfix',
      'Interfix',
      { command, args: ['serve'], transport: TransportKind.stdio },
      {
        documentSelector: schemes.map((scheme) => ({ scheme })),
        outputChannel: log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { interfix: collectServerSettings() },
        middleware,
      },
    );
    this.registerFeature({
      fillClientCapabilities: (capabilities) => {
        const own = { status: true, names: true, nextEdit: { otherFiles: true } };
        capabilities.experimental = { ...(capabilities.experimental as object | undefined), interfix: own };
      },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
  }

  /** A server that takes nothing more is about to end: only its end decides whether another one is started. */
  override createDefaultErrorHandler(maxRestartCount?: number): ErrorHandler {
    const inherited = super.createDefaultErrorHandler(maxRestartCount);
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => inherited.closed(),
    };
  }

  /** Log the failure only: the extension shows its own message, once, that says what to do. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Send the user's settings to the server. */
  async sendSettings(): Promise<void> {
    await this.sendNotification(DidChangeConfigurationNotification.type, { settings: { interfix: collectServerSettings() } });
  }

  /** Tell the server that the user cancelled what it reports under this token. */
  async cancelProgress(token: ProgressToken): Promise<void> {
    await this.sendNotification(WorkDoneProgressCancelNotification.type, { token });
  }

  /** The suggestion at a position, requested as the editor would; `entry` is selected in its completion list. */
  async requestInlineCompletions(
    document: TextDocument,
    position: Position,
    entry: SelectedCompletionInfo | undefined,
    token: CancellationToken,
  ): Promise<InlineCompletions> {
    const params = {
      ...this.code2ProtocolConverter.asTextDocumentPositionParams(document, position),
      context: this.code2ProtocolConverter.asInlineCompletionContext({
        triggerKind: InlineCompletionTriggerKind.Automatic,
        selectedCompletionInfo: entry,
      }),
    };
    try {
      const list = await this.sendRequest(InlineCompletionRequest.type, params, token);
      return token.isCancellationRequested ? undefined : await this.protocol2CodeConverter.asInlineCompletionResult(list, token);
    } catch (error) {
      return this.handleFailedRequest(InlineCompletionRequest.type, token, error, undefined);
    }
  }
}
