// Refactors the selection: asks how, applies the edit that comes back as one undo step, tells the verdict.

import { window, workspace } from 'vscode';
import type { WorkspaceEdit } from 'vscode-languageclient/node';

import { run } from './run';
import type { Server } from './server';
import { target } from './target';

export async function refactorSelection(server: Server): Promise<void> {
  const about = target(server);
  if (!about) {
    return;
  }
  const instruction = await window.showInputBox({
    title: 'Interfix: refactor the selection',
    placeHolder: 'What is to change? For example: return early instead of nesting',
  });
  if (!instruction?.trim()) {
    return;
  }
  const { document } = about.editor;
  const version = document.version;
  const argument = { ...about.argument, instruction };
  const result = await run<{ edit: WorkspaceEdit; verdict: string }>(about.client, 'Interfix: refactoring', 'interfix.refactor', argument);
  if (!result) {
    return;
  }
  const edit = await about.client.protocol2CodeConverter.asWorkspaceEdit(result.edit);
  if (document.version !== version || !(await workspace.applyEdit(edit))) {
    void window.showWarningMessage('The text was changed while the refactoring was made, so it was not applied. Ask again.');
    return;
  }
  void window.showInformationMessage(result.verdict);
}
