// Starts the language server of Pyright, which `TEST_PYRIGHT` names, as the extension of a language does.

const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

exports.activate = async ({ subscriptions }) => {
  const server = { module: process.env.TEST_PYRIGHT, transport: TransportKind.ipc };
  const client = new LanguageClient('pyright', 'Pyright', server, { documentSelector: [{ language: 'python' }] });
  subscriptions.push(client);
  await client.start();
};
