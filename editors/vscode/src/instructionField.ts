// The field for an instruction right below the selection: an edit without a detour through a palette or menu.

import {
  type CommentReply,
  commands,
  CommentThreadCollapsibleState,
  comments,
  type CommentThread,
  type Disposable,
  Selection,
  type TextDocument,
  window,
  workspace,
} from 'vscode';

export class InlineEdit implements Disposable {
  private readonly controller = comments.createCommentController('interfix.inlineEdit', 'Interfix');
  private thread: CommentThread | undefined;
  private field: TextDocument | undefined;
  /** What was typed into a field that was closed, to be offered by the next one. */
  private draft = '';

  constructor() {
    this.controller.options = { placeHolder: 'What is to change? Ctrl+Enter (Cmd+Enter) sends it.', prompt: 'Say what is to change' };
  }

  /** Open the field below the selection of the active editor, with the cursor in it and what was typed last selected. */
  async open(): Promise<void> {
    this.close();
    const editor = window.activeTextEditor;
    if (editor) {
      const drawn = awaitField();
      this.thread = this.controller.createCommentThread(editor.document.uri, editor.selection, []);
      this.thread.label = 'Interfix: what is to change?';
      this.thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
      this.field = await drawn;
      // The editor shows a button that opens the field; no API takes its place, but the keys' own commands do.
      await commands.executeCommand('workbench.action.focusCommentOnCurrentLine');
      await commands.executeCommand('widgetNavigation.focusNext');
      // Who types at once has other words in mind. One command inserts and selects: what is typed meanwhile replaces it as well.
      if (this.draft && !this.field.getText()) {
        await commands.executeCommand('editor.action.insertSnippet', { snippet: `\${0:${this.draft.replace(/[\\$}]/g, '\\$&')}}` });
      }
    }
  }

  /** Close the field and select what it stood below again; the instruction that was entered. */
  async submit({ thread, text }: CommentReply): Promise<string> {
    this.close();
    this.draft = '';
    const { range } = thread;
    await window.showTextDocument(thread.uri, range ? { selection: new Selection(range.start, range.end) } : {});
    return text.trim();
  }

  /** Close the field, with the cursor back in the text. */
  async cancel(): Promise<void> {
    this.close();
    await commands.executeCommand('workbench.action.focusActiveEditorGroup');
  }

  /** Close the field without a question: what was typed there is offered again. */
  close(): void {
    if (this.thread) {
      this.draft = this.field?.getText().trim() ?? '';
      this.thread.dispose();
    }
    this.thread = this.field = undefined;
  }

  dispose(): void {
    this.close();
    this.controller.dispose();
  }
}

/** The document that the next comment field edits, once the editor has made it. */
function awaitField(): Promise<TextDocument> {
  return new Promise((resolve) => {
    const subscription = workspace.onDidOpenTextDocument((document) => {
      if (document.uri.scheme === 'comment') {
        subscription.dispose();
        resolve(document);
      }
    });
  });
}
