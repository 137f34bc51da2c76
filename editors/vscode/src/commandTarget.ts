// What a command acts on: the active editor and its selection, in the form the server takes.

import { type TextEditor, window } from 'vscode';
import type { LanguageClient, Range } from 'vscode-languageclient/node';

export interface CommandTarget {
  readonly client: LanguageClient;
  readonly editor: TextEditor;
  /** An empty range stands for the definition at the cursor. */
  readonly argument: { readonly uri: string; readonly range: Range; readonly version: number };
}

/** The target of a command; undefined, after telling the user, when no file is open. */
export function findCommandTarget(client: LanguageClient): CommandTarget | undefined {
  const editor = window.activeTextEditor;
  if (!editor) {
    void window.showInformationMessage('Open a file and select some code first.');
    return undefined;
  }
  const { document, selection } = editor;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  return { client, editor, argument: { uri, range: client.code2ProtocolConverter.asRange(selection), version: document.version } };
}
