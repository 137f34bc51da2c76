// Puts the extension together: log, status, server, commands. Decides nothing itself.

import { commands, type ExtensionContext, window } from 'vscode';

import { Explanations } from './explain';
import { refactorSelection } from './refactor';
import { Server } from './server';
import { Status } from './status';

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Interfix', { log: true });
  const status = new Status('interfix.showLog');
  const started = new Server(log, status);
  const explanations = new Explanations(started);
  server = started;
  context.subscriptions.push(
    log,
    status,
    started,
    explanations,
    commands.registerCommand('interfix.showLog', () => log.show()),
    commands.registerCommand('interfix.restart', () => started.restart()),
    commands.registerCommand('interfix.explainSelection', () => explanations.explainSelection()),
    commands.registerCommand('interfix.refactorSelection', () => refactorSelection(started)),
  );
  void started.start();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
