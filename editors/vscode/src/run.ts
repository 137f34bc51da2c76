// Runs one of the server's commands under a notification that can cancel it.

import { ProgressLocation, window } from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';

/** The command's result, or undefined where it was cancelled or failed; a failure is told to the user in the server's words. */
export async function run<Result>(client: LanguageClient, title: string, command: string, argument: object): Promise<Result | undefined> {
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (_progress, cancelled) => {
    try {
      return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, cancelled)) as Result;
    } catch (error) {
      if (!(error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled)) {
        void window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    }
  });
}
