// The commands that the instruct model does, from the palette, the editor's menu and the light bulb. Shows neither answers nor edits.

import { languages, type QuickPickItem, window } from 'vscode';
import { CodeActionRequest, CodeActionTriggerKind } from 'vscode-languageclient/node';

import { type Action, actions } from './actions';
import { answer } from './answers';
import { edit } from './edits';
import type { Pages } from './pages';
import type { Proposals } from './proposals';
import type { Server } from './server';
import { type Target, target } from './target';

export class Instruct {
  constructor(
    private readonly server: Server,
    private readonly pages: Pages,
    private readonly proposals: Proposals,
  ) {}

  async explain(): Promise<void> {
    const about = target(this.server);
    if (about) {
      await this.answered(about, `Explanation of ${name(about)}`, 'explaining', 'interfix.explain', about.argument);
    }
  }

  async ask(): Promise<void> {
    const about = target(this.server);
    const question = about && (await words('Ask about the selection', 'For example: what happens if the list is empty?'));
    if (about && question) {
      await this.answered(about, question, 'answering', 'interfix.ask', { ...about.argument, question });
    }
  }

  async document(): Promise<void> {
    const about = target(this.server);
    if (about) {
      await this.edited(about, 'documentation', 'documenting', 'interfix.document', about.argument);
    }
  }

  async test(): Promise<void> {
    const about = target(this.server);
    if (about) {
      await this.edited(about, 'tests', 'writing tests', 'interfix.test', about.argument);
    }
  }

  /** Mends what any extension reports at the selection; where nothing is reported, what the user says. */
  async fix(): Promise<void> {
    const about = target(this.server);
    if (!about) {
      return;
    }
    const { document, selection } = about.editor;
    const reported = languages.getDiagnostics(document.uri).filter(({ range }) => range.intersection(selection));
    const diagnostics = reported.map(({ message, range, source }) => ({
      message,
      range: about.client.code2ProtocolConverter.asRange(range),
      source: source ?? null,
    }));
    const instruction = diagnostics.length ? '' : await words('Fix the selection', 'What is wrong? Nothing is reported here');
    if (diagnostics.length || instruction) {
      await this.edited(about, 'fix', 'fixing', 'interfix.fix', { ...about.argument, diagnostics, instruction });
    }
  }

  /** One of the refactorings of the menu, or what the user says is to change. */
  async refactor(): Promise<void> {
    const about = target(this.server);
    if (!about) {
      return;
    }
    const own: Choice = { label: 'Say what is to change…', alwaysShow: true };
    const menu = (await this.menu(about)).map((action): Choice => ({ label: action.title, action }));
    const options = { title: 'Interfix: refactor the selection', placeHolder: 'Choose what to do' };
    const chosen = await window.showQuickPick([own, ...menu], options);
    if (chosen?.action) {
      await this.take(chosen.action);
    } else if (chosen) {
      const instruction = await words('Refactor the selection', 'What is to change? For example: return early instead of nesting');
      if (instruction) {
        await this.edited(about, 'refactoring', 'refactoring', 'interfix.refactor', { ...about.argument, instruction });
      }
    }
  }

  /** Does what an action of the light bulb or of the menu stands for. */
  async take({ title, command, argument, edits }: Action): Promise<void> {
    const client = this.server.running;
    if (client) {
      const words = [title, title, command, argument] as const;
      await (edits ? edit(this.proposals, client, ...words) : answer(this.pages, client, ...words));
    }
  }

  private async menu({ client, argument }: Target): Promise<Action[]> {
    const params = {
      textDocument: { uri: argument.uri },
      range: argument.range,
      context: { diagnostics: [], only: ['refactor'], triggerKind: CodeActionTriggerKind.Invoked },
    };
    const listed = (await client.sendRequest(CodeActionRequest.type, params)) ?? [];
    return actions(listed).filter(({ command }) => command === 'interfix.run');
  }

  private answered({ client }: Target, title: string, doing: string, command: string, argument: object): Promise<void> {
    return answer(this.pages, client, title, doing, command, argument);
  }

  private edited({ client }: Target, title: string, doing: string, command: string, argument: object): Promise<void> {
    return edit(this.proposals, client, title, doing, command, argument);
  }
}

interface Choice extends QuickPickItem {
  readonly action?: Action;
}

async function words(title: string, placeHolder: string): Promise<string> {
  return (await window.showInputBox({ title: `Interfix: ${title.toLowerCase()}`, placeHolder }))?.trim() ?? '';
}

function name({ editor }: Target): string {
  return editor.document.uri.path.split('/').pop() ?? '';
}
