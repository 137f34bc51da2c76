// What a command is about: the selection in the editor in front, as the server wants it.

import { type TextEditor, window } from 'vscode';
import type { LanguageClient, Range } from 'vscode-languageclient/node';

import type { Server } from './server';

export interface Target {
  readonly client: LanguageClient;
  readonly editor: TextEditor;
  /** Where there is no selection the server takes the definition at the cursor. */
  readonly argument: { readonly uri: string; readonly range: Range; readonly version: number };
}

/** The target of a command, or undefined after telling the user what is missing. */
export function target(server: Server): Target | undefined {
  const client = running(server);
  const editor = window.activeTextEditor;
  if (client && !editor) {
    void window.showInformationMessage('Open a file and select some code first.');
  }
  if (!client || !editor) {
    return undefined;
  }
  const { document, selection } = editor;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  return { client, editor, argument: { uri, range: client.code2ProtocolConverter.asRange(selection), version: document.version } };
}

/** The client, or undefined after telling the user that there is none. */
export function running(server: Server): LanguageClient | undefined {
  if (!server.running) {
    void window.showWarningMessage('Interfix is not running. Its item in the status bar tells why.');
  }
  return server.running;
}
