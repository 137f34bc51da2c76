// The server's code actions as the extension takes them: an edit is proposed first, an answer is shown in a page of ours.

import { CodeAction, type CodeActionKind, type Command } from 'vscode';
import type { CodeAction as ServerAction, Command as ServerCommand } from 'vscode-languageclient/node';

export const TAKE = 'interfix.take';

export interface Action {
  /** In the words of the server, without its name. */
  readonly title: string;
  /** The server's command, and its argument. */
  readonly command: string;
  readonly argument: object;
  /** Whether it results in an edit. */
  readonly edits: boolean;
}

/** What there is to take among the server's actions. */
export function actions(listed: readonly (ServerAction | ServerCommand)[]): Action[] {
  return listed.flatMap((each) => read(each) ?? []);
}

/** The light bulb's actions, each taken by a command of ours. */
export function taken(listed: readonly (CodeAction | Command)[]): (CodeAction | Command)[] {
  return listed.map((each) => {
    const action = each instanceof CodeAction ? read(each) : undefined;
    return action ? ours(each as CodeAction, action) : each;
  });
}

function ours(theirs: CodeAction, action: Action): CodeAction {
  const made = new CodeAction(theirs.title, theirs.kind as CodeActionKind);
  made.command = { title: theirs.title, command: TAKE, arguments: [action] };
  if (theirs.diagnostics) {
    made.diagnostics = theirs.diagnostics;
  }
  return made;
}

/** An edit to come has `data` for the server to resolve, an answer a command. */
function read(each: object): Action | undefined {
  const { title, data, command } = each as { title: string; data?: { command: string; arguments: object }; command?: Command };
  const shown = title.replace(/^Interfix: /, '');
  if (data) {
    return { title: shown, command: data.command, argument: data.arguments, edits: true };
  }
  const argument: unknown = command?.arguments?.[0];
  if (command && typeof argument === 'object' && argument) {
    return { title: shown, command: command.command, argument: { ...argument, show: false }, edits: false };
  }
  return undefined;
}
