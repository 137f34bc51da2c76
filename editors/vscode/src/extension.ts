// Puts the extension together: log, status, server, commands. Decides nothing itself.

import { commands, type ExtensionContext, window } from 'vscode';

import { type Action, TAKE } from './actions';
import { Installation } from './installation';
import { Instruct } from './instruct';
import { showMenu } from './menu';
import { chooseModel } from './models';
import { Pages } from './pages';
import { Proposals } from './proposals';
import { request } from './run';
import { Server } from './server';
import { Setup } from './setup';
import type { Standing } from './standing';
import { showStatistics } from './statistics';
import { Status } from './status';
import { Switches } from './switches';
import { running } from './target';
import { showWhy } from './why';

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Interfix', { log: true });
  const switches = new Switches();
  const status = new Status('interfix.menu');
  const pages = new Pages();
  const proposals = new Proposals();
  const started = new Server(log, switches);
  const setup = new Setup(started, new Installation(context, log), log);
  const instruct = new Instruct(started, pages, proposals);
  server = started;

  const show = (): void => {
    const { state, base } = started.standing;
    status.show(seen(started.standing, switches));
    void commands.executeCommand('setContext', 'interfix.running', state !== 'missing' && state !== 'installing' && state !== 'stopped');
    void commands.executeCommand('setContext', 'interfix.serves', Boolean(base));
  };
  started.onDidChange(show);
  switches.onDidChange(show);
  show();

  const table: Record<string, (...args: never[]) => unknown> = {
    'interfix.explainSelection': () => instruct.explain(),
    'interfix.askAboutSelection': () => instruct.ask(),
    'interfix.refactorSelection': () => instruct.refactor(),
    'interfix.documentSelection': () => instruct.document(),
    'interfix.writeTests': () => instruct.test(),
    'interfix.fixSelection': () => instruct.fix(),
    [TAKE]: (action: Action) => instruct.take(action),
    'interfix.applyProposal': () => proposals.apply(),
    'interfix.discardProposal': () => proposals.discard(),
    'interfix.menu': () => showMenu(seen(started.standing, switches), switches),
    'interfix.pause': () => switches.pause(true),
    'interfix.resume': () => switches.pause(false),
    'interfix.toggleLanguage': () => toggleLanguage(switches),
    'interfix.chooseBaseModel': () => chooseModel(started, 'base'),
    'interfix.chooseInstructModel': () => chooseModel(started, 'instruct'),
    'interfix.download': () => download(started),
    'interfix.showWhy': () => showWhy(started, pages),
    'interfix.showStatistics': () => showStatistics(started, pages),
    'interfix.install': () => setup.install(),
    'interfix.restart': () => setup.start(),
    'interfix.showLog': () => log.show(),
    'interfix.settings': () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
  };
  const registered = Object.entries(table).map(([name, command]) => commands.registerCommand(name, command));
  context.subscriptions.push(log, switches, status, pages, proposals, started, setup, ...registered);
  void setup.start();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}

/** How things stand for the user in the editor in front. */
function seen(standing: Standing, switches: Switches): Standing {
  const calm = standing.state === 'ready' || standing.state === 'working';
  if (calm && switches.paused) {
    return { ...standing, state: 'paused', message: '' };
  }
  return calm && switches.offHere() ? { ...standing, state: 'off', message: '' } : standing;
}

async function toggleLanguage(switches: Switches): Promise<void> {
  const language = window.activeTextEditor?.document.languageId;
  if (language) {
    await switches.toggle(language);
  }
}

async function download(server: Server): Promise<void> {
  const client = running(server);
  if (client) {
    await request(client, 'interfix.pull');
  }
}
