// Shows an edit as a diff and applies it, as one undo step, when the user says so.

import {
  commands,
  type Disposable,
  languages,
  type NotebookCell,
  type NotebookDocument,
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

export class EditProposals implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly decisions = new Map<string, (applyActive: boolean) => void>();
  private readonly registrations: readonly Disposable[];
  private count = 0;

  /** @param scheme URI scheme of the proposed texts */
  constructor(private readonly scheme = 'interfix-proposal') {
    this.registrations = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      window.tabGroups.onDidChangeTabs(({ closed }) => closed.forEach(({ input }) => this.decide(this.findProposal(input), false))),
    ];
  }

  /** Apply the proposal in the active tab. */
  applyActive(): void {
    this.decide(this.activeProposal, true);
  }

  /** Discard the proposal in the active tab. */
  discardActive(): void {
    this.decide(this.activeProposal, false);
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /**
   * Show an edit of one file as a diff, ask, and apply it if the user agrees. Resolves with whether it was applied.
   * @param verdict what was checked, and what the user should look at
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
    const after = this.storeText(uri, computeEditedText(document, edits));
    const before = document ? uri : this.storeText(uri, '');
    if (document) {
      // By its path the editor would take a cell for the JSON of its notebook.
      await languages.setTextDocumentLanguage(await workspace.openTextDocument(after), document.languageId);
    }
    const decision = new Promise<boolean>((decide) => this.decisions.set(after.toString(), decide));
    const name = uri.path.split('/').pop();
    const opening = commands.executeCommand('vscode.diff', before, after, `${name}: ${title}`, { preview: true });
    // A tab that is closed while the diff opens is a decision as well; the editor may never say that it has opened.
    const wanted = await Promise.race([decision, opening.then(() => this.askForDecision(after, verdict)).then(() => decision)]);
    await this.close(after);
    for (const stored of [before, after]) {
      this.texts.delete(stored.toString());
    }
    return wanted && this.applyEdit(uri, edits, document, version);
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private get activeProposal(): Uri | undefined {
    return this.findProposal(window.tabGroups.activeTabGroup.activeTab?.input);
  }

  /** The proposal that a tab shows, if it shows one. */
  private findProposal(input: unknown): Uri | undefined {
    return input instanceof TabInputTextDiff && input.modified.scheme === this.scheme ? input.modified : undefined;
  }

  private storeText(uri: Uri, text: string): Uri {
    const stored = Uri.from({ scheme: this.scheme, path: uri.path, query: String(++this.count) });
    this.texts.set(stored.toString(), text);
    return stored;
  }

  private async askForDecision(uri: Uri, verdict: string): Promise<void> {
    if (!this.decisions.has(uri.toString())) {
      return;
    }
    const chosen = await window.showInformationMessage(verdict, APPLY, DISCARD);
    if (chosen) {
      this.decide(uri, chosen === APPLY);
    }
  }

  private decide(uri: Uri | undefined, applyActive: boolean): void {
    const decide = uri && this.decisions.get(uri.toString());
    if (decide) {
      this.decisions.delete(uri.toString());
      decide(applyActive);
    }
  }

  private async close(uri: Uri): Promise<void> {
    const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs);
    await window.tabGroups.close(tabs.filter(({ input }) => this.findProposal(input)?.toString() === uri.toString()));
    await commands.executeCommand('notifications.hideToasts');
  }

  private async applyEdit(uri: Uri, edits: TextEdit[], document: TextDocument | undefined, version: number | undefined): Promise<boolean> {
    const edit = new WorkspaceEdit();
    if (!document) {
      edit.createFile(uri, { overwrite: false, ignoreIfExists: false });
    }
    edit.set(uri, edits);
    if (document?.version !== version || !(await workspace.applyEdit(edit))) {
      void window.showWarningMessage('Nothing was applied, because the file changed while the proposal was open. Run the command again.');
      return false;
    }
    // A cell has no editor of its own.
    const notebook = findNotebook(uri);
    await (notebook ? window.showNotebookDocument(notebook) : window.showTextDocument(uri));
    return true;
  }
}

/** The notebook that a document is a cell of. */
function findNotebook(uri: Uri): NotebookDocument | undefined {
  const isCell = ({ document }: NotebookCell): boolean => document.uri.toString() === uri.toString();
  return workspace.notebookDocuments.find((notebook) => notebook.getCells().some(isCell));
}

/** The text after the edits, which must not overlap. */
function computeEditedText(document: TextDocument | undefined, edits: readonly TextEdit[]): string {
  if (!document) {
    return edits.map(({ newText }) => newText).join('');
  }
  let text = document.getText();
  for (const { range, newText } of [...edits].sort((one, other) => other.range.start.compareTo(one.range.start))) {
    text = text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end));
  }
  return text;
}
