// The menu behind the status bar item.

import { commands, type QuickPickItem, QuickPickItemKind, window } from 'vscode';

import type { ServerState } from './serverStateTypes';
import { describeState } from './statusItem';
import type { SuggestionToggles } from './suggestionToggles';

interface MenuEntry extends QuickPickItem {
  readonly command?: string;
}

/** @param verdict what became of the last request in the active editor's file, in a line; empty if nothing was requested there */
export async function showStatusMenu(serverState: ServerState, toggles: SuggestionToggles, verdict: string): Promise<void> {
  const { state, message } = serverState;
  const title =
    message && state !== 'ready' && state !== 'working' ? `${describeState(serverState)}. ${message}` : describeState(serverState);
  const chosen = await window.showQuickPick(listEntries(serverState, toggles, verdict), { title, placeHolder: 'Choose what to do' });
  if (chosen?.command) {
    await commands.executeCommand(chosen.command);
  }
}

function listEntries(serverState: ServerState, toggles: SuggestionToggles, verdict: string): MenuEntry[] {
  if (serverState.state === 'missing') {
    return [createEntry('cloud-download', 'Install the server', 'interfix.install'), ...listCommonEntries()];
  }
  const language = window.activeTextEditor?.document.languageId;
  return [
    toggles.paused
      ? createEntry('play', 'Resume suggestions', 'interfix.resume')
      : createEntry('clock', 'Pause suggestions for 5 minutes', 'interfix.snoozeSuggestions', 'in this window'),
    ...(toggles.paused ? [] : [createEntry('debug-pause', 'Pause suggestions until restart', 'interfix.pause', 'in this window')]),
    createEntry('clock', 'Pause next edits for 5 minutes', 'interfix.snoozeNextEdits'),
    ...(language
      ? [
          toggles.isOff(language)
            ? createEntry('circle-large-outline', `Suggest in ${language} again`, 'interfix.toggleLanguage')
            : createEntry('circle-slash', `Do not suggest in ${language}`, 'interfix.toggleLanguage', 'only where it is asked for'),
        ]
      : []),
    createSeparator('models'),
    createEntry('edit', 'Model that completes', 'interfix.chooseBaseModel', serverState.base || 'none'),
    createEntry('comment', 'Model that explains and edits', 'interfix.chooseInstructModel', serverState.instruct || 'none'),
    ...(serverState.base && serverState.instruct ? [] : [createEntry('cloud-download', 'Download what is missing', 'interfix.download')]),
    createSeparator('suggestions'),
    // On a line of its own, where the whole of it has room.
    { ...createEntry('question', 'Why this suggestion, or none', 'interfix.showWhy'), detail: verdict },
    createEntry('eye', 'Show what was held back', 'editor.action.inlineSuggest.trigger'),
    createEntry('graph', 'Statistics', 'interfix.showStatistics'),
    ...listCommonEntries(),
  ];
}

function listCommonEntries(): MenuEntry[] {
  return [
    createEntry('output', 'Open the log', 'interfix.showLog'),
    createEntry('refresh', 'Restart the server', 'interfix.restart'),
    createEntry('gear', 'Settings', 'interfix.settings'),
  ];
}

function createEntry(icon: string, label: string, command: string, description = ''): MenuEntry {
  return { label: `$(${icon}) ${label}`, description, command };
}

function createSeparator(label: string): MenuEntry {
  return { label, kind: QuickPickItemKind.Separator };
}
