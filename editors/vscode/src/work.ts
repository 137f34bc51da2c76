// What the extension can do once there is a server: all that needs the language client's library, which is most of the extension's code.
// A bundle of its own, loaded when it is first used, so that the editor does not wait for it when it starts.

export { State } from 'vscode-languageclient/node';

export { Client } from './client';
export { Instruct } from './instruct';
export { chooseModel, downloadMissing } from './models';
export { showStatistics } from './statistics';
export { showWhy } from './why';
