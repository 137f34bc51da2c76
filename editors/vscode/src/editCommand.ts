// Runs a command that edits. The server makes the edit for the version of the text that was sent; the user sees it as a proposal.

import type { WorkspaceEdit } from 'vscode-languageclient/node';

import type { EditProposals } from './editProposals';
import { executeWithProgress, type ModelRequest } from './executeCommand';

export async function runEditCommand(
  proposals: EditProposals,
  { client, title, progressTitle, command, argument }: ModelRequest,
): Promise<void> {
  const result = await executeWithProgress<{ edit: WorkspaceEdit; verdict: string }>(client, progressTitle, command, argument);
  if (result) {
    await proposals.propose(title, result.verdict, await client.protocol2CodeConverter.asWorkspaceEdit(result.edit));
  }
}
