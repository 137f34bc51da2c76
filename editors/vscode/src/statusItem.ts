// The item in the status bar.

import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';

import type { ServerState } from './serverStateTypes';

const APPEARANCES: Record<ServerState['state'], readonly [icon: string, words: string]> = {
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

const BACKGROUNDS: { readonly [state in ServerState['state']]?: string } = {
  missing: 'statusBarItem.warningBackground',
  stopped: 'statusBarItem.errorBackground',
};

export class StatusItem implements Disposable {
  private readonly item = window.createStatusBarItem('interfix.status', StatusBarAlignment.Right, 100);

  /** @param command run when the item is clicked */
  constructor(command: string) {
    this.item.name = 'Interfix';
    this.item.command = command;
    this.item.show();
  }

  show(state: ServerState): void {
    const [icon, words] = APPEARANCES[state.state];
    const background = BACKGROUNDS[state.state];
    const percent = state.state === 'downloading' && typeof state.percent === 'number' ? ` ${state.percent}%` : '';
    this.item.text = `${icon} Interfix${percent}`;
    this.item.tooltip = createTooltip(words, state);
    this.item.backgroundColor = background ? new ThemeColor(background) : undefined;
    this.item.accessibilityInformation = { label: `${words}${percent}` };
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** A state in a few words. */
export function describeState(state: ServerState): string {
  return APPEARANCES[state.state][1];
}

function createTooltip(title: string, state: ServerState): MarkdownString {
  const text = new MarkdownString();
  const addLine = (line: string): MarkdownString => text.appendText(line).appendMarkdown('\n\n');
  text.appendMarkdown(`**${title}**\n\n`);
  if (state.message && !(state.base && state.instruct && !['error', 'paused'].includes(state.state))) {
    addLine(state.message);
  }
  if (state.base) {
    addLine(`Completes: ${state.base}`);
  }
  if (state.instruct) {
    addLine(`Explains and edits: ${state.instruct}`);
  }
  for (const { role, host } of state.servers?.filter((server) => server.leaves) ?? []) {
    addLine(`Code leaves this machine for ${host} (${role}).`);
  }
  return text;
}
