// Ticks the walkthrough's steps on the server and the model. The editor ticks a step when its context key becomes true while it knows
// the walkthrough, which may be long after the server was started; a key that is true already ticks nothing. So the keys are set only
// while the walkthrough is open.

import { commands, type Disposable, window } from 'vscode';

import type { LanguageServer } from './languageServer';

export class WalkthroughProgress implements Disposable {
  private readonly registrations: readonly Disposable[];

  constructor(private readonly server: LanguageServer) {
    this.registrations = [window.tabGroups.onDidChangeTabs(() => this.update()), server.onDidChange(() => this.update())];
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private update(): void {
    const open = window.tabGroups.all.some(({ tabs }) => tabs.some(({ input, label }) => !input && label.includes('Interfix')));
    const { state, base } = this.server.state;
    const runs = state !== 'missing' && state !== 'installing' && state !== 'starting' && state !== 'stopped';
    void commands.executeCommand('setContext', 'interfix.serverTicked', open && runs);
    void commands.executeCommand('setContext', 'interfix.modelTicked', open && Boolean(base));
  }
}
