// Where automatic suggestions are off: paused in this window, or excluded by language.

import { commands, type Disposable, EventEmitter, type TextEditor, window, workspace } from 'vscode';

import { writeSetting, readSetting } from './settings';

const EXCLUDED_LANGUAGES_KEY = 'completion.notIn';

export class SuggestionToggles implements Disposable {
  private isPaused = false;
  private snooze: NodeJS.Timeout | undefined;
  private snoozeEnd: Date | undefined;
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
    return this.isPaused;
  }

  /** How long the pause lasts, in a sentence. */
  describePause(): string {
    const end = this.snoozeEnd?.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return end ? `Until ${end}.` : 'Until you resume it or start the editor anew.';
  }

  /** Whether automatic suggestions are off in this language. */
  isOff(language: string): boolean {
    return (readSetting<string[]>(EXCLUDED_LANGUAGES_KEY) ?? []).includes(language);
  }

  /** Whether automatic suggestions are off in the language of an editor. */
  isOffInEditor(editor: TextEditor | undefined = window.activeTextEditor): boolean {
    return editor !== undefined && this.isOff(editor.document.languageId);
  }

  /**
   * Pause suggestions in this window, or resume them.
   * @param forMs how long to pause; undefined: until the editor is restarted, or the user resumes
   */
  async pause(isPaused: boolean, forMs?: number): Promise<void> {
    clearTimeout(this.snooze);
    this.snooze = isPaused && forMs ? setTimeout(() => void this.pause(false), forMs) : undefined;
    this.snoozeEnd = this.snooze && forMs ? new Date(Date.now() + forMs) : undefined;
    this.isPaused = isPaused;
    await commands.executeCommand('setContext', 'interfix.paused', isPaused);
    await this.announceChange();
  }

  async toggleLanguage(language: string): Promise<void> {
    const excluded = readSetting<string[]>(EXCLUDED_LANGUAGES_KEY) ?? [];
    await writeSetting(
      EXCLUDED_LANGUAGES_KEY,
      this.isOff(language) ? excluded.filter((each) => each !== language) : [...excluded, language],
    );
    await this.announceChange();
  }

  dispose(): void {
    clearTimeout(this.snooze);
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private async announceChange(): Promise<void> {
    this.changes.fire();
    await commands.executeCommand('editor.action.inlineSuggest.hide');
  }
}
