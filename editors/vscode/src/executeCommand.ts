// Runs one of the server's commands, under a notification with a cancel button.

import { type CancellationToken, ProgressLocation, window } from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';

/** A command for the instruct model. */
export interface ModelRequest {
  readonly client: LanguageClient;
  /** Of the page or diff that shows the result. */
  readonly title: string;
  /** What the progress notification says. */
  readonly progressTitle: string;
  /** The server's command, and its argument. */
  readonly command: string;
  readonly argument: object;
}

/** The command's result; undefined if it was cancelled or failed. A failure is shown in the server's words. */
export async function executeWithProgress<Result>(
  client: LanguageClient,
  title: string,
  command: string,
  argument: object,
): Promise<Result | undefined> {
  return window.withProgress(
    { location: ProgressLocation.Notification, title: `Interfix: ${title}`, cancellable: true },
    async (_progress, cancellation) => {
      try {
        return await executeCommand<Result>(client, command, argument, cancellation);
      } catch (error) {
        if (!cancellation.isCancellationRequested && !(error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled)) {
          void window.showErrorMessage(error instanceof Error ? error.message : String(error));
        }
        return undefined;
      }
    },
  );
}

/** The command's result. Rejects with the server's error. */
export async function executeCommand<Result>(
  client: LanguageClient,
  command: string,
  argument: object = {},
  token?: CancellationToken,
): Promise<Result> {
  return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }, token)) as Result;
}
