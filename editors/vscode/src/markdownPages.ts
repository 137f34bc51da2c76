// Read-only Markdown documents, rendered beside the code by the editor's own preview. They may grow while they are shown.

import {
  commands,
  type Disposable,
  EventEmitter,
  TabInputCustom,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';

const SCHEME = 'interfix-page';
/** The built-in editor that shows Markdown rendered. */
const PREVIEW_EDITOR = 'vscode.markdown.preview.editor';

export class MarkdownPages implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changes = new EventEmitter<Uri>();
  private readonly registrations: readonly Disposable[];
  private count = 0;
  readonly onDidChange = this.changes.event;

  constructor() {
    this.registrations = [
      this.changes,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /** Show a new page, in the column of the last one; call the returned function to replace its text. */
  async open(title: string, text: string): Promise<(text: string) => void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${title.replaceAll('/', '∕')}`, query: String(++this.count) });
    const write = (newText: string): void => {
      this.texts.set(uri.toString(), newText);
      this.changes.fire(uri);
    };
    write(text);
    const options = { viewColumn: findPageColumn() ?? ViewColumn.Beside, preserveFocus: true, preview: true };
    await commands.executeCommand('vscode.openWith', uri, PREVIEW_EDITOR, options);
    return write;
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }
}

/** The column that shows a page already. */
function findPageColumn(): ViewColumn | undefined {
  return window.tabGroups.all.find(({ tabs }) => tabs.some(({ input }) => input instanceof TabInputCustom && input.uri.scheme === SCHEME))
    ?.viewColumn;
}
