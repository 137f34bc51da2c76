// The server's code actions as the extension runs them: an edit is shown as a proposal first, an answer as a page.

import { CodeAction, type CodeActionKind, type Command } from 'vscode';
import type { CodeAction as ServerAction, Command as ServerCommand } from 'vscode-languageclient/node';

export const RUN_CODE_ACTION = 'interfix.take';

export interface InterfixAction {
  /** The server's title without the leading "Interfix: ". */
  readonly title: string;
  /** The server's command, and its argument. */
  readonly command: string;
  readonly argument: object;
  /** Whether it results in an edit. */
  readonly edits: boolean;
}

/** The actions among these that the extension can run. */
export function parseCodeActions(codeActions: readonly (ServerAction | ServerCommand)[]): InterfixAction[] {
  return codeActions.flatMap((each) => parseAction(each) ?? []);
}

/** The light bulb's actions, each run by the extension's own command instead of the server's. */
export function replaceCommands(codeActions: readonly (CodeAction | Command)[]): (CodeAction | Command)[] {
  return codeActions.map((each) => {
    const action = each instanceof CodeAction ? parseAction(each) : undefined;
    return action ? withOwnCommand(each as CodeAction, action) : each;
  });
}

function withOwnCommand(original: CodeAction, action: InterfixAction): CodeAction {
  const replacement = new CodeAction(original.title, original.kind as CodeActionKind);
  replacement.command = { title: original.title, command: RUN_CODE_ACTION, arguments: [action] };
  if (original.diagnostics) {
    replacement.diagnostics = original.diagnostics;
  }
  return replacement;
}

/** An edit carries `data` that the server resolves; an answer carries a command. */
function parseAction(each: object): InterfixAction | undefined {
  const { title, data, command } = each as { title: string; data?: { command: string; arguments: object }; command?: Command };
  const label = title.replace(/^Interfix: /, '');
  if (data) {
    return { title: label, command: data.command, argument: data.arguments, edits: true };
  }
  const argument: unknown = command?.arguments?.[0];
  if (command && typeof argument === 'object' && argument) {
    return { title: label, command: command.command, argument: { ...argument, show: false }, edits: false };
  }
  return undefined;
}
