// The field for an instruction right below the selection: an edit without a detour through a palette or menu.

import {
  type CommentReply,
  CommentThreadCollapsibleState,
  comments,
  type CommentThread,
  type Disposable,
  Selection,
  window,
} from 'vscode';

export class InlineEdit implements Disposable {
  private readonly controller = comments.createCommentController('interfix.inlineEdit', 'Interfix');
  private thread: CommentThread | undefined;

  constructor() {
    this.controller.options = { placeHolder: 'What is to change? Ctrl+Enter asks for it.', prompt: 'Say what is to change' };
  }

  /** Open the field below the selection of the active editor. */
  open(): void {
    this.close();
    const editor = window.activeTextEditor;
    if (editor) {
      this.thread = this.controller.createCommentThread(editor.document.uri, editor.selection, []);
      this.thread.label = 'Interfix: what is to change?';
      this.thread.collapsibleState = CommentThreadCollapsibleState.Expanded;
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
