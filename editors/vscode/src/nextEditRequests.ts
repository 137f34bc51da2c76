// A next edit as the server sends it, and the requests about it.

import { type CancellationToken, languages, type Position, Range, type TextDocument, Uri } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

/** A change that follows from the one just made. */
export interface NextEdit {
  /** The server's name for it. */
  readonly id: string;
  readonly uri: Uri;
  /** Of the document it is for; undefined if that was not open. */
  readonly version: number | undefined;
  readonly range: Range;
  readonly text: string;
  /** What it does, in one line. */
  readonly label: string;
}

interface ServerEdit {
  readonly text: string;
  readonly textDocument: { readonly uri: string; readonly version: number | null };
  readonly range: { readonly start: ServerPosition; readonly end: ServerPosition };
  readonly command?: { readonly arguments?: readonly { readonly id: string }[] };
  readonly label?: string;
}

interface ServerPosition {
  readonly line: number;
  readonly character: number;
}

const REQUEST = 'textDocument/copilotInlineEdit';
const SHOWN = 'textDocument/didShowInlineEdit';
const FOCUSED = 'textDocument/didFocus';

/** The next edit for a cursor in a document; undefined if there is none, or the request failed. `isAsked`: by the user. */
export async function requestNextEdit(
  client: LanguageClient,
  document: TextDocument,
  position: Position,
  isAsked: boolean,
  token: CancellationToken,
): Promise<NextEdit | undefined> {
  const { code2ProtocolConverter: convert } = client;
  const diagnostics = await convert.asDiagnostics([...languages.getDiagnostics(document.uri)]);
  const params = {
    textDocument: convert.asVersionedTextDocumentIdentifier(document),
    position: convert.asPosition(position),
    context: { triggerKind: isAsked ? 1 : 2, diagnostics },
  };
  try {
    const { edits } = await client.sendRequest<{ edits: readonly ServerEdit[] }>(REQUEST, params, token);
    return edits[0] && parseEdit(client, edits[0]);
  } catch (error) {
    if (!token.isCancellationRequested) {
      client.debug(`next edit: ${String(error)}`);
    }
    return undefined;
  }
}

/** Tell the server that an edit was drawn. */
export async function reportShown(client: LanguageClient, edit: NextEdit): Promise<void> {
  await client.sendNotification(SHOWN, { item: { command: { title: '', command: 'interfix.accepted', arguments: [{ id: edit.id }] } } });
}

/** Tell the server that the user has gone to a document. */
export async function reportFocus(client: LanguageClient, document: TextDocument): Promise<void> {
  await client.sendNotification(FOCUSED, { textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document) });
}

function parseEdit(client: LanguageClient, edit: ServerEdit): NextEdit | undefined {
  const id = edit.command?.arguments?.[0]?.id;
  const { start, end } = edit.range;
  return id === undefined
    ? undefined
    : {
        id,
        uri: client.protocol2CodeConverter.asUri(edit.textDocument.uri),
        version: edit.textDocument.version ?? undefined,
        range: new Range(start.line, start.character, end.line, end.character),
        text: edit.text,
        label: edit.label ?? edit.text.trim(),
      };
}
