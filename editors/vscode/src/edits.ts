// Commands that edit: the edit is made by the server, of the version that was asked about, and proposed to the user.

import type { LanguageClient, WorkspaceEdit } from 'vscode-languageclient/node';

import type { Proposals } from './proposals';
import { run } from './run';

/** @param title of the proposal; `doing` is what the progress says */
export async function edit(
  proposals: Proposals,
  client: LanguageClient,
  title: string,
  doing: string,
  command: string,
  argument: object,
): Promise<void> {
  const result = await run<{ edit: WorkspaceEdit; verdict: string }>(client, doing, command, argument);
  if (result) {
    await proposals.propose(title, result.verdict, await client.protocol2CodeConverter.asWorkspaceEdit(result.edit));
  }
}
