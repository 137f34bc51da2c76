// Explains the selection: a read-only Markdown document that grows as the answer comes, shown rendered beside the code.

import { commands, type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import { ProgressType } from 'vscode-languageclient/node';

import { run } from './run';
import type { Server } from './server';
import { target } from './target';

const SCHEME = 'interfix-explanation';

interface Piece {
  readonly kind: 'begin' | 'report' | 'end';
  readonly message?: string;
}

export class Explanations implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  private readonly registrations: Disposable[];
  private count = 0;
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.registrations = [
      this.changed,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
    ];
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  async explainSelection(): Promise<void> {
    const about = target(this.server);
    if (!about) {
      return;
    }
    const name = workspace.asRelativePath(about.editor.document.uri).split('/').pop();
    const uri = Uri.from({ scheme: SCHEME, path: `/Explanation of ${name}.md`, query: String(++this.count) });
    const token = `interfix-explain-${this.count}`;
    let text = '';
    const listening = about.client.onProgress(new ProgressType<Piece>(), token, ({ kind, message }) => {
      if (kind === 'report' && message) {
        text += message;
        this.show(uri, text);
      }
    });
    this.show(uri, '…');
    await commands.executeCommand('markdown.showPreviewToSide', uri);
    const argument = { ...about.argument, token };
    const result = await run<{ markdown: string }>(about.client, 'Interfix: explaining', 'interfix.explain', argument);
    listening.dispose();
    this.show(uri, result?.markdown ?? `${text}\n\n*Not finished.*\n`);
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private show(uri: Uri, text: string): void {
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
  }
}
