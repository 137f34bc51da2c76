// The item in the status bar. Does not know what a server is.

import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';

import type { Standing } from './standing';

const LOOKS: Record<Standing['state'], readonly [icon: string, words: string]> = {
  missing: ['$(warning)', 'Interfix has no server yet'],
  installing: ['$(loading~spin)', 'Interfix is being installed'],
  starting: ['$(loading~spin)', 'Interfix is starting'],
  downloading: ['$(cloud-download)', 'Interfix is downloading a model'],
  working: ['$(loading~spin)', 'Interfix is thinking'],
  ready: ['$(check)', 'Interfix is ready'],
  paused: ['$(debug-pause)', 'Interfix is paused in this window'],
  off: ['$(circle-slash)', 'Interfix suggests only where it is asked to'],
  error: ['$(error)', 'Interfix could not do what it was asked for'],
  stopped: ['$(error)', 'The Interfix server has stopped'],
};

const BACKGROUNDS: { readonly [state in Standing['state']]?: string } = {
  missing: 'statusBarItem.warningBackground',
  stopped: 'statusBarItem.errorBackground',
};

export class Status implements Disposable {
  private readonly item = window.createStatusBarItem('interfix.status', StatusBarAlignment.Right, 100);

  /** @param command run by a click */
  constructor(command: string) {
    this.item.name = 'Interfix';
    this.item.command = command;
    this.item.show();
  }

  show(standing: Standing): void {
    const [icon, words] = LOOKS[standing.state];
    const background = BACKGROUNDS[standing.state];
    const percent = standing.state === 'downloading' && typeof standing.percent === 'number' ? ` ${standing.percent}%` : '';
    this.item.text = `${icon} Interfix${percent}`;
    this.item.tooltip = tooltip(words, standing);
    this.item.backgroundColor = background ? new ThemeColor(background) : undefined;
    this.item.accessibilityInformation = { label: `${words}${percent}` };
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** A state in a few words. */
export function words(standing: Standing): string {
  return LOOKS[standing.state][1];
}

function tooltip(title: string, standing: Standing): MarkdownString {
  const text = new MarkdownString();
  const say = (line: string): MarkdownString => text.appendText(line).appendMarkdown('\n\n');
  text.appendMarkdown(`**${title}**\n\n`);
  if (standing.message && !(standing.base && standing.instruct && standing.state !== 'error')) {
    say(standing.message);
  }
  if (standing.base) {
    say(`Completes: ${standing.base}`);
  }
  if (standing.instruct) {
    say(`Explains and edits: ${standing.instruct}`);
  }
  for (const { role, host } of standing.servers?.filter((server) => server.leaves) ?? []) {
    say(`Code leaves this machine for ${host} (${role}).`);
  }
  return text;
}
