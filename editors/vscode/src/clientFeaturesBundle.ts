// What the extension can do once there is a server: all that needs the language client's library, which is most of the extension's code.
// A bundle of its own, loaded at its first use, so that the editor does not wait for it when it starts.

export { State } from 'vscode-languageclient/node';

export { writeCommitMessage } from './commitMessage';
export { InstructCommands } from './instructCommands';
export { InterfixClient } from './interfixClient';
export { NextEdits } from './nextEdits';
export { downloadMissingModels, pickModel } from './modelPicker';
export { fetchVerdict, showPromptPage } from './verdictAndPromptPage';
export { showStatisticsPage } from './statisticsPage';
