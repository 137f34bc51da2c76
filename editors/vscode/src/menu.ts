// The menu behind the item in the status bar: what can be switched, chosen and looked at. Does none of it.

import { commands, type QuickPickItem, QuickPickItemKind, window } from 'vscode';

import type { Standing } from './standing';
import { words } from './status';
import type { Switches } from './switches';

interface Entry extends QuickPickItem {
  readonly command?: string;
}

export async function showMenu(standing: Standing, switches: Switches): Promise<void> {
  const { state, message } = standing;
  const title = message && state !== 'ready' && state !== 'working' ? `${words(standing)}. ${message}` : words(standing);
  const chosen = await window.showQuickPick(entries(standing, switches), { title, placeHolder: 'Choose what to do' });
  if (chosen?.command) {
    await commands.executeCommand(chosen.command);
  }
}

function entries(standing: Standing, switches: Switches): Entry[] {
  if (standing.state === 'missing') {
    return [entry('cloud-download', 'Install the server', 'interfix.install'), ...always()];
  }
  const language = window.activeTextEditor?.document.languageId;
  return [
    switches.paused
      ? entry('play', 'Resume suggestions', 'interfix.resume')
      : entry('debug-pause', 'Pause suggestions', 'interfix.pause', 'in this window'),
    ...(language
      ? [
          switches.off(language)
            ? entry('circle-large-outline', `Suggest in ${language} again`, 'interfix.toggleLanguage')
            : entry('circle-slash', `Do not suggest in ${language}`, 'interfix.toggleLanguage', 'only where it is asked for'),
        ]
      : []),
    separator('models'),
    entry('edit', 'Model that completes', 'interfix.chooseBaseModel', standing.base || 'none'),
    entry('comment', 'Model that explains and edits', 'interfix.chooseInstructModel', standing.instruct || 'none'),
    ...(standing.base && standing.instruct ? [] : [entry('cloud-download', 'Download what is missing', 'interfix.download')]),
    separator('look'),
    entry('question', 'Why this suggestion', 'interfix.showWhy'),
    entry('graph', 'Statistics', 'interfix.showStatistics'),
    ...always(),
  ];
}

function always(): Entry[] {
  return [
    entry('output', 'Open the log', 'interfix.showLog'),
    entry('refresh', 'Restart the server', 'interfix.restart'),
    entry('gear', 'Settings', 'interfix.settings'),
  ];
}

function entry(icon: string, label: string, command: string, description = ''): Entry {
  return { label: `$(${icon}) ${label}`, description, command };
}

function separator(label: string): Entry {
  return { label, kind: QuickPickItemKind.Separator };
}
