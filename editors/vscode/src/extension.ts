// Puts the extension together: log, status, server, commands. Decides nothing itself, and loads what needs the client once it is used.

import { commands, type ExtensionContext, window } from 'vscode';

import { type Action, TAKE } from './actions';
import { Installation } from './installation';
import type { Instruct } from './instruct';
import { showMenu } from './menu';
import { Pages } from './pages';
import { Proposals } from './proposals';
import { Server } from './server';
import { Setup } from './setup';
import type { Standing } from './standing';
import { Status } from './status';
import { Switches } from './switches';

let server: Server | undefined;
const work = (): Promise<typeof import('./work.js')> => import('./work.js');

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Interfix', { log: true });
  const switches = new Switches();
  const status = new Status('interfix.menu');
  const pages = new Pages();
  const proposals = new Proposals();
  const started = new Server(log, switches);
  const setup = new Setup(started, new Installation(context, log), log);
  const instruct = async (): Promise<Instruct> => new (await work()).Instruct(started, pages, proposals);
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
    'interfix.explainSelection': async () => (await instruct()).explain(),
    'interfix.askAboutSelection': async () => (await instruct()).ask(),
    'interfix.refactorSelection': async () => (await instruct()).refactor(),
    'interfix.documentSelection': async () => (await instruct()).document(),
    'interfix.writeTests': async () => (await instruct()).test(),
    'interfix.fixSelection': async () => (await instruct()).fix(),
    [TAKE]: async (action: Action) => (await instruct()).take(action),
    'interfix.applyProposal': () => proposals.apply(),
    'interfix.discardProposal': () => proposals.discard(),
    'interfix.menu': () => showMenu(seen(started.standing, switches), switches),
    'interfix.pause': () => switches.pause(true),
    'interfix.resume': () => switches.pause(false),
    'interfix.toggleLanguage': () => toggleLanguage(switches),
    'interfix.chooseBaseModel': async () => (await work()).chooseModel(started, 'base'),
    'interfix.chooseInstructModel': async () => (await work()).chooseModel(started, 'instruct'),
    'interfix.download': async () => (await work()).downloadMissing(started),
    'interfix.showWhy': async () => (await work()).showWhy(started, pages),
    'interfix.showStatistics': async () => (await work()).showStatistics(started, pages),
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
