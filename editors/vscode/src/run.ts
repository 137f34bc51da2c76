// Runs one of the server's commands under a notification that can cancel it.

import { type CancellationToken, ProgressLocation, window } from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';

/** The command's result, or undefined where it was cancelled or failed; a failure is told to the user in the server's words. */
export async function run<Result>(
  client: LanguageClient,
  title: string,
  command: string,
  argument: object,
  shown: ProgressLocation = ProgressLocation.Notification,
): Promise<Result | undefined> {
  return window.withProgress({ location: shown, title: `Interfix: ${title}`, cancellable: true }, async (_progress, cancelled) => {
    try {
      return await request<Result>(client, command, argument, cancelled);
    } catch (error) {
      if (!cancelled.isCancellationRequested && !(error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled)) {
        void window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    }
  });
}

/** The command's result; rejects with the server's error. */
export async function request<Result>(
  client: LanguageClient,
  command: string,
  argument: object = {},
  token?: CancellationToken,
): Promise<Result> {
  return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, token)) as Result;
}
