// An edit is shown as a diff and made only when the user says so, as one step to undo. Makes no edit of its own.

import {
  commands,
  type Disposable,
  TabInputTextDiff,
  type TextDocument,
  type TextDocumentContentProvider,
  type TextEdit,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';

const APPLY = 'Apply';
const DISCARD = 'Discard';

export class Proposals implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly open = new Map<string, (apply: boolean) => void>();
  private readonly registrations: readonly Disposable[];
  private count = 0;

  /** @param scheme of the documents that show what would be */
  constructor(private readonly scheme = 'interfix-proposal') {
    this.registrations = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      window.tabGroups.onDidChangeTabs(({ closed }) => closed.forEach(({ input }) => this.decide(this.proposed(input), false))),
    ];
  }

  /** Make the edit of the proposal in front. */
  apply(): void {
    this.decide(this.inFront, true);
  }

  /** Forget the proposal in front. */
  discard(): void {
    this.decide(this.inFront, false);
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /**
   * Show what an edit of one file would make of it and ask; make it if the user says so. Whether it was made.
   * @param verdict what was checked, and what to look at
   */
  async propose(title: string, verdict: string, edit: WorkspaceEdit): Promise<boolean> {
    const [first] = edit.entries();
    if (!first) {
      void window.showInformationMessage(verdict);
      return false;
    }
    const [uri, edits] = first;
    const document = await workspace.openTextDocument(uri).then(undefined, () => undefined);
    const version = document?.version;
    const after = this.keep(uri, edited(document, edits));
    const before = document ? uri : this.keep(uri, '');
    const decision = new Promise<boolean>((decide) => this.open.set(after.toString(), decide));
    const name = uri.path.split('/').pop();
    await commands.executeCommand('vscode.diff', before, after, `${name}: ${title}`, { preview: true });
    void this.ask(after, verdict);
    const wanted = await decision;
    await this.close(after);
    for (const shown of [before, after]) {
      this.texts.delete(shown.toString());
    }
    return wanted && this.make(uri, edits, document, version);
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private get inFront(): Uri | undefined {
    return this.proposed(window.tabGroups.activeTabGroup.activeTab?.input);
  }

  /** The proposal that a tab shows. */
  private proposed(input: unknown): Uri | undefined {
    return input instanceof TabInputTextDiff && input.modified.scheme === this.scheme ? input.modified : undefined;
  }

  private keep(uri: Uri, text: string): Uri {
    const shown = Uri.from({ scheme: this.scheme, path: uri.path, query: String(++this.count) });
    this.texts.set(shown.toString(), text);
    return shown;
  }

  private async ask(uri: Uri, verdict: string): Promise<void> {
    const chosen = await window.showInformationMessage(verdict, APPLY, DISCARD);
    if (chosen) {
      this.decide(uri, chosen === APPLY);
    }
  }

  private decide(uri: Uri | undefined, apply: boolean): void {
    const decide = uri && this.open.get(uri.toString());
    if (decide) {
      this.open.delete(uri.toString());
      decide(apply);
    }
  }

  private async close(uri: Uri): Promise<void> {
    const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs);
    await window.tabGroups.close(tabs.filter(({ input }) => this.proposed(input)?.toString() === uri.toString()));
    await commands.executeCommand('notifications.hideToasts');
  }

  private async make(uri: Uri, edits: TextEdit[], document: TextDocument | undefined, version: number | undefined): Promise<boolean> {
    const edit = new WorkspaceEdit();
    if (!document) {
      edit.createFile(uri, { overwrite: false, ignoreIfExists: false });
    }
    edit.set(uri, edits);
    if (document?.version !== version || !(await workspace.applyEdit(edit))) {
      void window.showWarningMessage('The text was changed while the change was looked at, so nothing was applied. Ask again.');
      return false;
    }
    await window.showTextDocument(uri);
    return true;
  }
}

/** The text a document would have; edits do not overlap. */
function edited(document: TextDocument | undefined, edits: readonly TextEdit[]): string {
  if (!document) {
    return edits.map(({ newText }) => newText).join('');
  }
  let text = document.getText();
  for (const { range, newText } of [...edits].sort((one, other) => other.range.start.compareTo(one.range.start))) {
    text = text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end));
  }
  return text;
}
