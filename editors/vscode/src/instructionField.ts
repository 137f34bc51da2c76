// The field for an instruction right below the selection: an edit without a detour through a palette or menu.

import {
  type CommentReply,
  commands,
  CommentThreadCollapsibleState,
  comments,
  type CommentThread,
  type Disposable,
  Selection,
  window,
  workspace,
} from 'vscode';

export class InlineEdit implements Disposable {
  private readonly controller = comments.createCommentController('interfix.inlineEdit', 'Interfix');
  private thread: CommentThread | undefined;

  constructor() {
    this.controller.options = { placeHolder: 'What is to change? Ctrl+Enter (Cmd+Enter) sends it.', prompt: 'Say what is to change' };
  }

  /** Open the field below the selection of the active editor, with the cursor in it. */
  async open(): Promise<void> {
    this.close();
    const editor = window.activeTextEditor;
    if (editor) {
      const drawn = awaitField();
      this.thread = this.controller.createCommentThread(editor.document.uri, editor.selection, []);
      this.thread.label = 'Interfix: what is to change?';
      this.thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
      await drawn;
      // The editor shows a button that opens the field; no API takes its place, but the keys' own commands do.
      await commands.executeCommand('workbench.action.focusCommentOnCurrentLine');
      await commands.executeCommand('widgetNavigation.focusNext');
    }
  }

  /** Close the field and select what it stood below again; the instruction that was entered. */
  async submit({ thread, text }: CommentReply): Promise<string> {
    this.close();
    const { range } = thread;
    await window.showTextDocument(thread.uri, range ? { selection: new Selection(range.start, range.end) } : {});
    return text.trim();
  }

  close(): void {
    this.thread?.dispose();
    this.thread = undefined;
  }

  dispose(): void {
    this.close();
    this.controller.dispose();
  }
}

/** Resolves once the editor has made the document that the next comment field edits. */
function awaitField(): Promise<void> {
  return new Promise((resolve) => {
    const subscription = workspace.onDidOpenTextDocument(({ uri }) => {
      if (uri.scheme === 'comment') {
        subscription.dispose();
        resolve();
      }
    });
  });
}
