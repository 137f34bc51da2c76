// Entry point: creates the log, status item, server and commands. Loads the language client's library only when a server is started.

import { type CommentReply, commands, type ExtensionContext, type SourceControl, window } from 'vscode';

import { type InterfixAction, RUN_CODE_ACTION } from './codeActions';
import { EditProposals } from './editProposals';
import { InlineEdit } from './instructionField';
import type { InstructCommands } from './instructCommands';
import type { InterfixClient } from './interfixClient';
import { LanguageServer } from './languageServer';
import { MarkdownPages } from './markdownPages';
import { ServerInstallation } from './serverInstallation';
import { ServerSetup } from './serverSetup';
import type { ServerState } from './serverStateTypes';
import { StatusItem } from './statusItem';
import { showStatusMenu } from './statusMenu';
import { SuggestionToggles } from './suggestionToggles';
import { WalkthroughProgress } from './walkthroughProgress';

const SNOOZE_MS = 5 * 60_000;

let server: LanguageServer | undefined;
type ClientFeaturesBundle = typeof import('./clientFeaturesBundle.js');
const loadClientFeaturesBundle = (): Promise<ClientFeaturesBundle> => import('./clientFeaturesBundle.js');

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Interfix', { log: true });
  const toggles = new SuggestionToggles();
  const status = new StatusItem('interfix.menu');
  const pages = new MarkdownPages();
  const proposals = new EditProposals();
  const inlineEdit = new InlineEdit();
  const languageServer = new LanguageServer(log, toggles);
  const setup = new ServerSetup(languageServer, new ServerInstallation(context, log), log);
  const withClient = async (act: (bundle: ClientFeaturesBundle, client: InterfixClient) => unknown): Promise<void> => {
    const client = languageServer.runningClient;
    if (client) {
      await act(await loadClientFeaturesBundle(), client);
    } else {
      void window.showWarningMessage('Interfix is not running. Its item in the status bar tells why.');
    }
  };
  const withModel = (act: (instruct: InstructCommands) => unknown): Promise<void> =>
    withClient((bundle, client) => act(new bundle.InstructCommands(client, pages, proposals)));
  server = languageServer;

  const showState = (): void => {
    status.show(visibleState(languageServer.state, toggles));
  };
  languageServer.onDidChange(showState);
  toggles.onDidChange(showState);
  showState();

  const handlers: Record<string, (...args: never[]) => unknown> = {
    'interfix.explainSelection': () => withModel((instruct) => instruct.explain()),
    'interfix.askAboutSelection': () => withModel((instruct) => instruct.ask()),
    'interfix.refactorSelection': () => withModel((instruct) => instruct.refactor()),
    'interfix.editSelection': () => inlineEdit.open(),
    'interfix.submitInlineEdit': async (reply: CommentReply) => {
      const instruction = await inlineEdit.submit(reply);
      await (instruction && withModel((instruct) => instruct.edit(instruction)));
    },
    'interfix.cancelInlineEdit': () => inlineEdit.cancel(),
    'interfix.writeCommitMessage': (source?: SourceControl) =>
      withClient((bundle, client) => bundle.writeCommitMessage(client, source)),
    'interfix.documentSelection': () => withModel((instruct) => instruct.document()),
    'interfix.writeTests': () => withModel((instruct) => instruct.test()),
    'interfix.fixSelection': () => withModel((instruct) => instruct.fix()),
    [RUN_CODE_ACTION]: (action: InterfixAction) => withModel((instruct) => instruct.runAction(action)),
    'interfix.applyProposal': () => proposals.applyActive(),
    'interfix.discardProposal': () => proposals.discardActive(),
    'interfix.menu': async () => {
      const client = languageServer.runningClient;
      const verdict = client && (await (await loadClientFeaturesBundle()).fetchVerdict(client));
      await showStatusMenu(visibleState(languageServer.state, toggles), toggles, verdict?.summary ?? '');
    },
    'interfix.pause': () => toggles.pause(true),
    'interfix.snoozeSuggestions': () => toggles.pause(true, SNOOZE_MS),
    'interfix.resume': () => toggles.pause(false),
    'interfix.showNextEdit': () => languageServer.nextEdits?.ask(true),
    'interfix.takeNextEdit': () => languageServer.nextEdits?.goOrTake(),
    'interfix.leaveNextEdit': () => languageServer.nextEdits?.leave(),
    'interfix.showHeldNextEdit': () => languageServer.nextEdits?.showHeld(),
    'interfix.snoozeNextEdits': () => languageServer.nextEdits?.snooze(),
    'interfix.toggleLanguage': () => toggleLanguage(toggles),
    'interfix.chooseBaseModel': () => withClient((bundle, client) => bundle.pickModel(client, 'base')),
    'interfix.chooseInstructModel': () => withClient((bundle, client) => bundle.pickModel(client, 'instruct')),
    'interfix.download': () => withClient((bundle, client) => bundle.downloadMissingModels(client)),
    'interfix.showWhy': () => withClient((bundle, client) => bundle.showPromptPage(client, pages)),
    'interfix.showStatistics': () => withClient((bundle, client) => bundle.showStatisticsPage(client, pages)),
    'interfix.install': () => setup.install(),
    'interfix.restart': () => setup.start(),
    'interfix.showLog': () => log.show(),
    'interfix.settings': () => commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
  };
  const registered = Object.entries(handlers).map(([name, command]) => commands.registerCommand(name, command));
  context.subscriptions.push(
    log,
    toggles,
    status,
    pages,
    proposals,
    inlineEdit,
    languageServer,
    setup,
    new WalkthroughProgress(languageServer),
    ...registered,
  );
  void setup.start();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}

/** The state as shown in the active editor: paused and switched-off languages count as states. */
function visibleState(serverState: ServerState, toggles: SuggestionToggles): ServerState {
  const isIdle = serverState.state === 'ready' || serverState.state === 'working';
  if (isIdle && toggles.paused) {
    return { ...serverState, state: 'paused', message: toggles.describePause() };
  }
  return isIdle && toggles.isOffInEditor() ? { ...serverState, state: 'off', message: '' } : serverState;
}

async function toggleLanguage(toggles: SuggestionToggles): Promise<void> {
  const language = window.activeTextEditor?.document.languageId;
  if (language) {
    await toggles.toggleLanguage(language);
  }
}
