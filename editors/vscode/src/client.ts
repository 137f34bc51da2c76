// The language client: how the editor and the server talk. Decides nothing about when.

import { type CancellationToken, InlineCompletionTriggerKind, type LogOutputChannel, type Position, type TextDocument } from 'vscode';
import {
  DidChangeConfigurationNotification,
  InlineCompletionRequest,
  LanguageClient,
  type Middleware,
  type ProgressToken,
  RevealOutputChannelOn,
  TransportKind,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';

import type { Answer } from './ahead';
import { serverSettings } from './settings';

export class Client extends LanguageClient {
  /** @param schemes of the documents that the server is told of */
  constructor(command: string, log: LogOutputChannel, schemes: readonly string[], middleware: Middleware) {
    super(
      'interfix',
      'Interfix',
      { command, args: ['serve'], transport: TransportKind.stdio },
      {
        documentSelector: schemes.map((scheme) => ({ scheme })),
        outputChannel: log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { interfix: serverSettings() },
        middleware,
      },
    );
    this.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...(capabilities.experimental as object | undefined), interfix: { status: true } };
      },
      initialize: () => undefined,
      getState: () => ({ kind: 'static' }),
      clear: () => undefined,
    });
  }

  /** Leaves its failures to the log and to us, who say them once and with something to do about it. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Tell the server what the user has set. */
  async configure(): Promise<void> {
    await this.sendNotification(DidChangeConfigurationNotification.type, { settings: { interfix: serverSettings() } });
  }

  /** Tell the server that the user has had enough of something. */
  async cancel(token: ProgressToken): Promise<void> {
    await this.sendNotification(WorkDoneProgressCancelNotification.type, { token });
  }

  /** The suggestion at a position, as if the editor had asked. */
  async suggest(document: TextDocument, position: Position, token: CancellationToken): Promise<Answer> {
    const params = {
      ...this.code2ProtocolConverter.asTextDocumentPositionParams(document, position),
      context: this.code2ProtocolConverter.asInlineCompletionContext({
        triggerKind: InlineCompletionTriggerKind.Automatic,
        selectedCompletionInfo: undefined,
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
