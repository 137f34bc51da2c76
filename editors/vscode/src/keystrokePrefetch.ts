// Requests a suggestion as soon as a key is pressed. The editor requests it 50 ms later and then gets this one, which is under way or done.

import {
  type CancellationToken,
  CancellationTokenSource,
  type Disposable,
  type InlineCompletionContext,
  type InlineCompletionItem,
  type InlineCompletionList,
  InlineCompletionTriggerKind,
  type Position,
  Range,
  type SelectedCompletionInfo,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditorSelectionChangeEvent,
  workspace,
} from 'vscode';

export type InlineCompletions = InlineCompletionItem[] | InlineCompletionList | null | undefined;

interface PendingRequest {
  readonly document: TextDocument;
  readonly version: number;
  readonly position: Position;
  readonly entry: SelectedCompletionInfo | undefined;
  readonly completions: Promise<InlineCompletions>;
  readonly cancellation: CancellationTokenSource;
}

export class Prefetcher implements Disposable {
  private pending: PendingRequest | undefined;
  /** The document and version after the last key; its cursor position is not known yet. */
  private lastTyped: { readonly document: TextDocument; readonly version: number } | undefined;
  /** The entry that was selected in the editor's completion list when the editor last requested; undefined if the list was closed. */
  private lastEntry: { readonly document: TextDocument; readonly start: Position; readonly text: string } | undefined;

  constructor(
    private readonly requestCompletions: (
      document: TextDocument,
      position: Position,
      entry: SelectedCompletionInfo | undefined,
      token: CancellationToken,
    ) => Promise<InlineCompletions>,
  ) {}

  /** Call when a document was changed and the server gets the change. */
  onDocumentChange({ document, contentChanges, reason }: TextDocumentChangeEvent): void {
    this.cancelPending();
    this.lastTyped = contentChanges.length === 1 && !reason ? { document, version: document.version } : undefined;
  }

  /** Call when the cursor moved; if a key moved it, this requests a suggestion. */
  onSelectionChange({ textEditor, selections }: TextEditorSelectionChangeEvent): void {
    const { document } = textEditor;
    const [selection, ...more] = selections;
    const lastTyped = this.lastTyped;
    this.lastTyped = undefined;
    if (lastTyped?.document !== document || lastTyped.version !== document.version || !selection?.isEmpty || more.length) {
      return;
    }
    if (!workspace.getConfiguration('editor', document).get<boolean>('inlineSuggest.enabled')) {
      return;
    }
    const cancellation = new CancellationTokenSource();
    const position = selection.active;
    const entry = this.predictEntry(document, position);
    const completions = this.requestCompletions(document, position, entry, cancellation.token);
    this.pending = { document, version: document.version, position, entry, completions, cancellation };
  }

  /** The suggestion already requested for exactly this place, once; undefined if there is none. */
  take(
    document: TextDocument,
    position: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
  ): Promise<InlineCompletions> | undefined {
    const { selectedCompletionInfo: entry, triggerKind } = context;
    this.lastEntry = entry && { document, start: entry.range.start, text: entry.text };
    this.lastTyped = undefined; // an editor that was told of the cursor later would get another request, which ends its own
    const pending = this.pending;
    if (
      pending?.document !== document ||
      pending.version !== document.version ||
      !pending.position.isEqual(position) ||
      triggerKind !== InlineCompletionTriggerKind.Automatic ||
      !isSameEntry(pending.entry, entry)
    ) {
      return undefined;
    }
    this.pending = undefined;
    token.onCancellationRequested(() => pending.cancellation.cancel());
    return pending.completions;
  }

  dispose(): void {
    this.cancelPending();
  }

  /** The entry that is likely to be selected when the editor requests: the one before the key, if what is typed is its beginning. */
  private predictEntry(document: TextDocument, position: Position): SelectedCompletionInfo | undefined {
    const { lastEntry } = this;
    if (lastEntry?.document !== document || lastEntry.start.line !== position.line || lastEntry.start.isAfterOrEqual(position)) {
      return undefined;
    }
    const range = new Range(lastEntry.start, position);
    return lastEntry.text.startsWith(document.getText(range)) ? { range, text: lastEntry.text } : undefined;
  }

  private cancelPending(): void {
    this.pending?.cancellation.cancel();
    this.pending = undefined;
  }
}

/** The ends of the ranges do not count: the editor's own is sometimes one key old. */
function isSameEntry(one: SelectedCompletionInfo | undefined, other: SelectedCompletionInfo | undefined): boolean {
  return one && other ? one.text === other.text && one.range.start.isEqual(other.range.start) : one === other;
}
