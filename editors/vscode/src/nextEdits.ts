// The next edit in the active editor: when to ask, what is shown, what Tab and Escape do.

import {
  CancellationTokenSource,
  commands,
  Disposable,
  EndOfLine,
  type Position,
  Selection,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditor,
  TextEditorRevealType,
  type TextEditorSelectionChangeEvent,
  window,
  workspace,
} from 'vscode';

import { executeCommand } from './executeCommand';
import type { InterfixClient } from './interfixClient';
import { type NextEdit, reportFocus, reportShown, requestNextEdit } from './nextEditRequests';
import { isInSight, NextEditView } from './nextEditView';

/** So long after a change or a move of the cursor nobody types, ms. */
const PAUSE_MS = 100;
const REST_MS = 300;
const SNOOZE_SECONDS = 5 * 60;
/** Whether an edit is shown: Escape leaves it. */
const SHOWN_KEY = 'interfix.nextEditShown';
/** Whether Tab takes it or goes to it. */
const TAB_KEY = 'interfix.nextEditOnTab';
/** Whether an edit waits behind a suggestion at the cursor: Escape shows it. */
const HELD_KEY = 'interfix.nextEditHeld';

/** A cursor in a document's version. */
interface CursorPlace {
  readonly document: TextDocument;
  readonly version: number;
  readonly position: Position;
}

export class NextEdits implements Disposable {
  private readonly view = new NextEditView();
  private readonly registrations: readonly Disposable[];
  private edit: NextEdit | undefined;
  private pending: CancellationTokenSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Where this put the cursor: at the edit it went to, or behind the one that was taken. There Tab goes on. */
  private followed: CursorPlace | undefined;
  /** Where a suggestion is shown: it wins. */
  private suggested: CursorPlace | undefined;
  private isMoving = false;
  /** The edit that the server knows to be drawn. */
  private shownId = '';

  constructor(
    private readonly client: InterfixClient,
    private readonly suggestsIn: (document: TextDocument) => boolean,
  ) {
    this.registrations = [
      this.view,
      workspace.onDidChangeTextDocument((change) => this.onDocumentChange(change)),
      window.onDidChangeTextEditorSelection((change) => this.onSelectionChange(change)),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => textEditor === window.activeTextEditor && this.draw()),
      window.onDidChangeActiveTextEditor((editor) => this.onEditorChange(editor)),
    ];
    this.onEditorChange(window.activeTextEditor);
  }

  /** Call when the editor gets a suggestion to show. */
  yieldToSuggestion(document: TextDocument, position: Position): void {
    this.suggested = { document, version: document.version, position };
    this.draw();
  }

  /** Tab: go to the edit where it is out of sight, else take it. */
  async goOrTake(): Promise<void> {
    const editor = window.activeTextEditor;
    const { edit } = this;
    if (!edit || !editor) {
      return;
    }
    this.isMoving = true;
    let isTaken = false;
    try {
      isTaken = isInSight(editor, edit) ? await this.take(editor, edit) : await this.go(edit);
    } finally {
      this.isMoving = false;
    }
    if (isTaken) {
      await this.ask(false);
    }
  }

  /** Escape: the user does not want it. */
  async leave(): Promise<void> {
    const { edit } = this;
    this.drop();
    if (edit) {
      await executeCommand(this.client, 'interfix.dismissed', { id: edit.id }).catch(() => undefined);
    }
  }

  /** Escape at a suggestion: hide that, and show the edit that waited behind it. */
  async showHeld(): Promise<void> {
    await commands.executeCommand('editor.action.inlineSuggest.hide');
    this.suggested = undefined;
    this.draw();
  }

  /** Suggest none for a while. */
  async snooze(): Promise<void> {
    this.drop();
    await executeCommand(this.client, 'interfix.snooze', { seconds: SNOOZE_SECONDS }).catch(() => undefined);
    window.setStatusBarMessage('Interfix: no next edits for 5 minutes', 3000);
  }

  /** Ask for the next edit, and show it. `isAsked`: by the user. */
  async ask(isAsked: boolean): Promise<void> {
    this.drop();
    const editor = window.activeTextEditor;
    if (!editor || editor.selections.length > 1 || (!isAsked && !this.suggestsIn(editor.document))) {
      return;
    }
    const { document } = editor;
    const { version } = document;
    const request = (this.pending = new CancellationTokenSource());
    const edit = await requestNextEdit(this.client, document, editor.selection.active, isAsked, request.token);
    if (this.pending !== request) {
      return;
    }
    this.pending = undefined;
    if (edit && document.version === version && window.activeTextEditor === editor) {
      this.stopAsking();
      this.edit = edit;
      this.draw();
    } else if (isAsked) {
      window.setStatusBarMessage('Interfix: no next edit here', 3000);
    }
  }

  dispose(): void {
    this.drop();
    Disposable.from(...this.registrations).dispose();
  }

  private onDocumentChange({ document, contentChanges }: TextDocumentChangeEvent): void {
    const editor = window.activeTextEditor;
    if (!contentChanges.length || document !== editor?.document || this.isMoving) {
      return;
    }
    this.drop();
    this.askLater(PAUSE_MS);
  }

  private onSelectionChange({ textEditor }: TextEditorSelectionChangeEvent): void {
    if (textEditor !== window.activeTextEditor || this.isMoving) {
      return;
    }
    if (this.edit) {
      this.draw();
    } else if (this.timer === undefined) {
      this.askLater(REST_MS);
    }
  }

  private onEditorChange(editor: TextEditor | undefined): void {
    // The editor may tell of a document only after the cursor was put into it.
    if (this.isMoving || (editor && this.edit && isAt(editor, this.followed))) {
      return;
    }
    this.drop();
    if (editor) {
      void reportFocus(this.client, editor.document);
      // What was edited elsewhere may go on here.
      this.askLater(REST_MS);
    }
  }

  private askLater(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(false), ms);
  }

  /** Draw the edit as the editor shows its place now; nothing while a suggestion is shown at the cursor. */
  private draw(): void {
    const editor = window.activeTextEditor;
    const { edit } = this;
    if (!edit || !editor) {
      return;
    }
    const isHeld = isAt(editor, this.suggested);
    // The keys first: what is drawn can be taken.
    setKeys(!isHeld, !isHeld && (isAt(editor, this.followed) || mayTakeTab(editor)), isHeld);
    if (isHeld) {
      this.view.clear();
    } else if (isInSight(editor, edit)) {
      this.view.drawDiff(editor, edit);
    } else {
      this.view.drawHint(editor, edit);
    }
    if (!isHeld && this.shownId !== edit.id) {
      this.shownId = edit.id;
      void reportShown(this.client, edit);
    }
  }

  /** Go to an edit; always false, for it is not taken yet. */
  private async go(edit: NextEdit): Promise<false> {
    this.stopAsking();
    const document = await workspace.openTextDocument(edit.uri);
    const editor = await window.showTextDocument(document);
    if (edit.version !== undefined && edit.version !== document.version) {
      this.drop();
      this.askLater(0);
      return false;
    }
    this.edit = edit;
    this.follow(editor, edit.range.start);
    this.draw();
    return false;
  }

  /** Make an edit; whether the editor did. */
  private async take(editor: TextEditor, edit: NextEdit): Promise<boolean> {
    this.drop();
    const start = editor.document.offsetAt(edit.range.start);
    if (!(await editor.edit((builder) => builder.replace(edit.range, edit.text)))) {
      // The text changed meanwhile.
      this.askLater(PAUSE_MS);
      return false;
    }
    const lineEnd = editor.document.eol === EndOfLine.CRLF ? '\r\n' : '\n';
    const { length } = edit.text.replace(/\r\n|\n/g, lineEnd);
    this.follow(editor, editor.document.positionAt(start + length));
    await executeCommand(this.client, 'interfix.accepted', { id: edit.id }).catch(() => undefined);
    return true;
  }

  private follow(editor: TextEditor, position: Position): void {
    const { document } = editor;
    this.followed = { document, version: document.version, position };
    editor.selection = new Selection(position, position);
    editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Forget the edit and the request for one. */
  private drop(): void {
    this.stopAsking();
    if (this.edit) {
      this.edit = undefined;
      this.view.clear();
      setKeys(false, false, false);
    }
  }

  /** End the request that is under way, and begin none later. */
  private stopAsking(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.pending?.cancel();
    this.pending = undefined;
  }
}

function setKeys(isShown: boolean, isOnTab: boolean, isHeld: boolean): void {
  for (const [key, value] of [[SHOWN_KEY, isShown], [TAB_KEY, isOnTab], [HELD_KEY, isHeld]]) {
    void commands.executeCommand('setContext', key, value);
  }
}

/** Whether an editor's cursor is at a place, and the document is as it was then. */
function isAt({ document, selection }: TextEditor, place: CursorPlace | undefined): boolean {
  return place?.document === document && place.version === document.version && place.position.isEqual(selection.active);
}

/** Whether Tab has nothing else to do where the cursor is: in leading white space it indents, and so it does with a selection. */
function mayTakeTab({ document, selections }: TextEditor): boolean {
  const [selection, ...more] = selections;
  return (
    !more.length &&
    selection?.isEmpty === true &&
    document.lineAt(selection.active.line).text.slice(0, selection.active.character).trim() !== ''
  );
}
