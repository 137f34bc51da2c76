// Ticks the walkthrough's steps on the server and the model. The editor ticks a step when the step's context key becomes true while the
// walkthrough is loaded, which may be long after the server was started; a key that is true by then ticks nothing, ever. So the keys are
// true for a moment only, each time something happens while the walkthrough may be in a tab.

import { commands, type Disposable, window } from 'vscode';

import type { LanguageServer } from './languageServer';

/** How long the editor may take to load the steps of a walkthrough whose tab is there, ms. */
const LOADING_MS = 1000;

export class WalkthroughProgress implements Disposable {
  private readonly registrations: readonly Disposable[];
  private delayed: NodeJS.Timeout | undefined;

  constructor(private readonly server: LanguageServer) {
    this.registrations = [window.tabGroups.onDidChangeTabs(() => this.update()), server.onDidChange(() => this.update())];
  }

  dispose(): void {
    clearTimeout(this.delayed);
    for (const registration of this.registrations) {
      registration.dispose();
    }
  }

  private update(): void {
    clearTimeout(this.delayed);
    // A walkthrough is a tab of a kind that extensions are told nothing about.
    if (window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => !input))) {
      void this.tick();
      this.delayed = setTimeout(() => void this.tick(), LOADING_MS);
    }
  }

  private async tick(): Promise<void> {
    const { state, base } = this.server.state;
    if (state !== 'missing' && state !== 'installing' && state !== 'starting' && state !== 'stopped') {
      await pulse('interfix.serverTicked');
    }
    if (base) {
      await pulse('interfix.modelTicked');
    }
  }
}

async function pulse(key: string): Promise<void> {
  await commands.executeCommand('setContext', key, true);
  await commands.executeCommand('setContext', key, false);
}
