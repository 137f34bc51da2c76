// Read-only Markdown documents that may grow while they are shown, rendered beside the code by the editor's own preview.

import { commands, type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';

const SCHEME = 'interfix-page';

export class Pages implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  private readonly registrations: readonly Disposable[];
  private count = 0;
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registrations = [
      this.changed,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /** Show a new page; what comes back puts another text on it. */
  async open(title: string, text: string): Promise<(text: string) => void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${title}`, query: String(++this.count) });
    const write = (newer: string): void => {
      this.texts.set(uri.toString(), newer);
      this.changed.fire(uri);
    };
    write(text);
    await commands.executeCommand('markdown.showPreviewToSide', uri);
    return write;
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }
}
