// Answers `interfix/names`: what the editor's other language servers offer right behind a link, so that suggestions name what exists.

import { commands, type CompletionItem, CompletionItemKind, type CompletionList, Position, Uri } from 'vscode';

export interface NamesRequest {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

/** Lists of one length: thousands of entries cost no object each. */
export interface NamesReply {
  readonly names: string[];
  readonly kinds: number[];
  readonly details: string[];
  readonly incomplete: boolean;
}

/** What Interfix's own entries are described as in a menu. */
const OWN = 'Interfix';
/** A longer list is not one of members; only as much is sent as tells that. */
const MAX_ITEMS = 10_001;
const MAX_CHARACTERS = 500;

export async function collectMemberNames({ textDocument, position }: NamesRequest): Promise<NamesReply | null> {
  const list = await commands.executeCommand<CompletionList | undefined>(
    'vscode.executeCompletionItemProvider',
    Uri.parse(textDocument.uri),
    new Position(position.line, position.character),
  );
  if (!list) {
    return null;
  }
  const items = list.items.filter((item) => !isOwn(item)).slice(0, MAX_ITEMS);
  return {
    names: items.map((item) => getWrittenText(item).slice(0, MAX_CHARACTERS)),
    // LSP counts from 1, the editor from 0.
    kinds: items.map((item) => (item.kind ?? CompletionItemKind.Text) + 1),
    details: items.map((item) => getDetail(item).slice(0, MAX_CHARACTERS)),
    incomplete: list.isIncomplete ?? false,
  };
}

function isOwn(item: CompletionItem): boolean {
  return typeof item.label !== 'string' && item.label.description === OWN;
}

function getWrittenText(item: CompletionItem): string {
  const label = typeof item.label === 'string' ? item.label : item.label.label;
  // A snippet's text has place holders, its label has the name.
  return typeof item.insertText === 'string' ? item.insertText : label;
}

function getDetail(item: CompletionItem): string {
  const shown = typeof item.label === 'string' ? undefined : item.label.detail;
  return item.detail ?? shown ?? '';
}
