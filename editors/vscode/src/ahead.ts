// Asks for a suggestion when a key is pressed. The editor asks 50 ms later, and then the answer is under way, or there.

import {
  type CancellationToken,
  CancellationTokenSource,
  type Disposable,
  type InlineCompletionContext,
  type InlineCompletionItem,
  type InlineCompletionList,
  InlineCompletionTriggerKind,
  type Position,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditorSelectionChangeEvent,
  workspace,
} from 'vscode';

export type Answer = InlineCompletionItem[] | InlineCompletionList | null | undefined;

interface Flight {
  readonly document: TextDocument;
  readonly version: number;
  readonly position: Position;
  readonly answer: Promise<Answer>;
  readonly cancellation: CancellationTokenSource;
}

export class Ahead implements Disposable {
  private flight: Flight | undefined;
  /** The document and version that one key has made, and whose cursor is not known yet. */
  private typed: { readonly document: TextDocument; readonly version: number } | undefined;

  constructor(private readonly ask: (document: TextDocument, position: Position, token: CancellationToken) => Promise<Answer>) {}

  /** A document was changed; the server is being told. */
  changed({ document, contentChanges, reason }: TextDocumentChangeEvent): void {
    this.end();
    this.typed = contentChanges.length === 1 && !reason ? { document, version: document.version } : undefined;
  }

  /** The cursor has moved; where that is because of a key, ask. */
  moved({ textEditor, selections }: TextEditorSelectionChangeEvent): void {
    const { document } = textEditor;
    const [selection, ...more] = selections;
    const typed = this.typed;
    this.typed = undefined;
    if (typed?.document !== document || typed.version !== document.version || !selection?.isEmpty || more.length) {
      return;
    }
    if (!workspace.getConfiguration('editor', document).get<boolean>('inlineSuggest.enabled')) {
      return;
    }
    const cancellation = new CancellationTokenSource();
    const position = selection.active;
    const answer = this.ask(document, position, cancellation.token);
    this.flight = { document, version: document.version, position, answer, cancellation };
  }

  /** The answer to what the editor asks now, if it was asked for before; for one use. */
  take(
    document: TextDocument,
    position: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
  ): Promise<Answer> | undefined {
    const flight = this.flight;
    if (
      flight?.document !== document ||
      flight.version !== document.version ||
      !flight.position.isEqual(position) ||
      context.triggerKind !== InlineCompletionTriggerKind.Automatic ||
      context.selectedCompletionInfo
    ) {
      return undefined;
    }
    this.flight = undefined;
    token.onCancellationRequested(() => flight.cancellation.cancel());
    return flight.answer;
  }

  dispose(): void {
    this.end();
  }

  private end(): void {
    this.flight?.cancellation.cancel();
    this.flight = undefined;
  }
}
