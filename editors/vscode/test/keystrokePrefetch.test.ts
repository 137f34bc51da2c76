import assert from 'node:assert/strict';

import {
  type CancellationToken,
  CancellationTokenSource,
  InlineCompletionTriggerKind,
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditorSelectionChangeEvent,
  window,
  workspace,
} from 'vscode';

import { type InlineCompletions, Prefetcher } from '../src/keystrokePrefetch';

const AUTOMATIC = { triggerKind: InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined };
const CURSOR = new Position(0, 3);

describe('a suggestion requested ahead', () => {
  let document: TextDocument;
  let requested: { readonly position: Position; readonly token: CancellationToken }[];
  let prefetcher: Prefetcher;

  beforeEach(async () => {
    document = await workspace.openTextDocument({ content: 'abc' });
    await window.showTextDocument(document);
    requested = [];
    prefetcher = new Prefetcher(async (_document, position, _entry, token): Promise<InlineCompletions> => {
      requested.push({ position, token });
      return [];
    });
  });

  function type(): void {
    const change = { range: new Range(0, 2, 0, 2), rangeOffset: 2, rangeLength: 0, text: 'c' };
    prefetcher.onDocumentChange({ document, contentChanges: [change], reason: undefined } as TextDocumentChangeEvent);
  }

  function moveCursor(): void {
    const selections = [new Selection(CURSOR, CURSOR)];
    prefetcher.onSelectionChange({ textEditor: { document }, selections } as unknown as TextEditorSelectionChangeEvent);
  }

  function take(): Promise<InlineCompletions> | undefined {
    return prefetcher.take(document, CURSOR, AUTOMATIC, new CancellationTokenSource().token);
  }

  it('is the one that the editor gets, once', async () => {
    type();
    moveCursor();
    assert.equal(requested.length, 1);
    assert.deepEqual(await take(), []);
    assert.equal(take(), undefined);
  });

  it('is not requested where the editor was first', () => {
    type();
    assert.equal(take(), undefined);
    moveCursor();
    assert.equal(requested.length, 0);
  });

  it('is cancelled by the next key', () => {
    type();
    moveCursor();
    type();
    assert(requested[0]?.token.isCancellationRequested);
  });
});
