// The item in the status bar. Does not know what a server is.

import { type Disposable, StatusBarAlignment, ThemeColor, window } from 'vscode';

export class Status implements Disposable {
  private readonly item = window.createStatusBarItem('interfix.status', StatusBarAlignment.Right, 100);

  /** @param command run by a click */
  constructor(command: string) {
    this.item.name = 'Interfix';
    this.item.command = command;
    this.item.show();
  }

  starting(): void {
    this.show('$(loading~spin)', 'Interfix is starting');
  }

  ready(): void {
    this.show('$(check)', 'Interfix is ready');
  }

  /** @param why a sentence */
  failed(why: string): void {
    this.show('$(error)', why, new ThemeColor('statusBarItem.errorBackground'));
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(icon: string, tooltip: string, background?: ThemeColor): void {
    this.item.text = `${icon} Interfix`;
    this.item.tooltip = `${tooltip}. Click for the log.`;
    this.item.backgroundColor = background;
  }
}
