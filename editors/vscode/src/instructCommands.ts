// The commands for the instruct model, from the palette, the editor's menu and the light bulb.

import { languages, type QuickPickItem, window } from 'vscode';
import { CodeActionRequest, CodeActionTriggerKind, type LanguageClient } from 'vscode-languageclient/node';

import { runAnswerCommand } from './answerCommand';
import { type InterfixAction, parseCodeActions } from './codeActions';
import { type CommandTarget, findCommandTarget } from './commandTarget';
import { runEditCommand } from './editCommand';
import type { EditProposals } from './editProposals';
import type { MarkdownPages } from './markdownPages';

export class InstructCommands {
  constructor(
    private readonly client: LanguageClient,
    private readonly pages: MarkdownPages,
    private readonly proposals: EditProposals,
  ) {}

  async explain(): Promise<void> {
    const target = findCommandTarget(this.client);
    if (target) {
      await this.answer('Explanation', `explaining ${describeTarget(target)}`, 'interfix.explain', target.argument);
    }
  }

  async ask(): Promise<void> {
    const target = findCommandTarget(this.client);
    const question =
      target && (await promptForText(`Ask about ${describeTarget(target)}`, 'For example: what happens if the list is empty?'));
    if (target && question) {
      await this.answer(question, 'answering', 'interfix.ask', { ...target.argument, question });
    }
  }

  async document(): Promise<void> {
    const target = findCommandTarget(this.client);
    if (target) {
      await this.proposeEdit('documentation', 'documenting', 'interfix.document', target.argument);
    }
  }

  async test(): Promise<void> {
    const target = findCommandTarget(this.client);
    if (target) {
      await this.proposeEdit('tests', 'writing tests', 'interfix.test', target.argument);
    }
  }

  /** Fix what any extension reports at the selection; if nothing is reported, ask the user what is wrong. */
  async fix(): Promise<void> {
    const target = findCommandTarget(this.client);
    if (!target) {
      return;
    }
    const { document, selection } = target.editor;
    const reportedDiagnostics = languages.getDiagnostics(document.uri).filter(({ range }) => range.intersection(selection));
    const diagnostics = reportedDiagnostics.map(({ message, range, source }) => ({
      message,
      range: target.client.code2ProtocolConverter.asRange(range),
      source: source ?? null,
    }));
    const instruction = diagnostics.length
      ? ''
      : await promptForText(`Fix ${describeTarget(target)}`, 'What is wrong? Nothing is reported here');
    if (diagnostics.length || instruction) {
      await this.proposeEdit('fix', 'fixing', 'interfix.fix', { ...target.argument, diagnostics, instruction });
    }
  }

  /** Change the selection as an instruction says. */
  async edit(instruction: string): Promise<void> {
    const target = findCommandTarget(this.client);
    if (target) {
      await this.proposeEdit('edit', 'editing', 'interfix.refactor', { ...target.argument, instruction });
    }
  }

  /** Let the user pick a refactoring or say what to change. */
  async refactor(): Promise<void> {
    const target = findCommandTarget(this.client);
    if (!target) {
      return;
    }
    const freeInstruction: Choice = { label: 'Say what is to change…', alwaysShow: true };
    const refactorings = (await this.listRefactorings(target)).map((action): Choice => ({ label: action.title, action }));
    const options = { title: `Interfix: refactor ${describeTarget(target)}`, placeHolder: 'Choose a refactoring, or say what to change' };
    const chosen = await window.showQuickPick([freeInstruction, ...refactorings], options);
    if (chosen?.action) {
      await this.runAction(chosen.action);
    } else if (chosen) {
      const instruction = await promptForText(
        `Refactor ${describeTarget(target)}`,
        'What is to change? For example: return early instead of nesting',
      );
      if (instruction) {
        await this.proposeEdit('refactoring', 'refactoring', 'interfix.refactor', { ...target.argument, instruction });
      }
    }
  }

  /** Run an action of the light bulb or of the menu. */
  async runAction({ title, command, argument, edits }: InterfixAction): Promise<void> {
    const request = { client: this.client, title, progressTitle: title, command, argument };
    await (edits ? runEditCommand(this.proposals, request) : runAnswerCommand(this.pages, request));
  }

  private async listRefactorings({ client, argument }: CommandTarget): Promise<InterfixAction[]> {
    const params = {
      textDocument: { uri: argument.uri },
      range: argument.range,
      context: { diagnostics: [], only: ['refactor'], triggerKind: CodeActionTriggerKind.Invoked },
    };
    const codeActions = (await client.sendRequest(CodeActionRequest.type, params)) ?? [];
    return parseCodeActions(codeActions).filter(({ command }) => command === 'interfix.run');
  }

  private answer(title: string, progressTitle: string, command: string, argument: object): Promise<void> {
    return runAnswerCommand(this.pages, { client: this.client, title, progressTitle, command, argument });
  }

  private proposeEdit(title: string, progressTitle: string, command: string, argument: object): Promise<void> {
    return runEditCommand(this.proposals, { client: this.client, title, progressTitle, command, argument });
  }
}

interface Choice extends QuickPickItem {
  readonly action?: InterfixAction;
}

async function promptForText(title: string, placeHolder: string): Promise<string> {
  return (await window.showInputBox({ title: `Interfix: ${title[0]?.toLowerCase()}${title.slice(1)}`, placeHolder }))?.trim() ?? '';
}

/** What a command acts on, in words. */
function describeTarget({ editor: { selection } }: CommandTarget): string {
  return selection.isEmpty ? 'the definition at the cursor' : 'the selection';
}
