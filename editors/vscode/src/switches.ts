// Where suggestions are switched off: paused in this window, or not wanted in a language. Draws nothing.

import { commands, type Disposable, EventEmitter, type TextEditor, window, workspace } from 'vscode';

import { set, setting } from './settings';

const NOT_IN = 'completion.notIn';

export class Switches implements Disposable {
  private pausing = false;
  private readonly changes = new EventEmitter<void>();
  private readonly registrations: readonly Disposable[];
  readonly onDidChange = this.changes.event;

  constructor() {
    this.registrations = [
      this.changes,
      window.onDidChangeActiveTextEditor(() => this.changes.fire()),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('interfix.completion')) {
          this.changes.fire();
        }
      }),
    ];
  }

  get paused(): boolean {
    return this.pausing;
  }

  /** Whether nothing is to be suggested unasked in this language. */
  off(language: string): boolean {
    return (setting<string[]>(NOT_IN) ?? []).includes(language);
  }

  /** Whether the editor in front is one where suggestions are off. */
  offHere(editor: TextEditor | undefined = window.activeTextEditor): boolean {
    return editor !== undefined && this.off(editor.document.languageId);
  }

  async pause(pausing = !this.pausing): Promise<void> {
    this.pausing = pausing;
    await commands.executeCommand('setContext', 'interfix.paused', pausing);
    await this.followed();
  }

  async toggle(language: string): Promise<void> {
    const without = setting<string[]>(NOT_IN) ?? [];
    await set(NOT_IN, this.off(language) ? without.filter((each) => each !== language) : [...without, language]);
    await this.followed();
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private async followed(): Promise<void> {
    this.changes.fire();
    await commands.executeCommand('editor.action.inlineSuggest.hide');
  }
}
