// Writes a commit message into the source-control box.

import { extensions, type SourceControl, type Uri, window, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { executeWithProgress } from './executeCommand';

/** What is used of the API of the editor's own git extension. */
interface GitRepository {
  readonly rootUri: Uri;
  readonly inputBox: { value: string };
}

interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly GitRepository[] };
}

/** @param source the source control whose button was pressed; undefined from the palette */
export async function writeCommitMessage(client: LanguageClient, source: SourceControl | undefined): Promise<void> {
  const repository = await findRepository(source?.rootUri);
  if (!repository) {
    void window.showWarningMessage('No git repository is open.');
    return;
  }
  const uri = client.code2ProtocolConverter.asUri(repository.rootUri);
  const result = await executeWithProgress<{ message: string }>(client, 'writing a commit message', 'interfix.commitMessage', { uri });
  if (result) {
    repository.inputBox.value = result.message;
  }
}

async function findRepository(root: Uri | undefined): Promise<GitRepository | undefined> {
  const git = extensions.getExtension<GitExtension>('vscode.git');
  const repositories = git ? (await git.activate()).getAPI(1).repositories : [];
  const wanted = root ?? window.activeTextEditor?.document.uri ?? workspace.workspaceFolders?.[0]?.uri;
  const holding = repositories.filter(({ rootUri }) => wanted && `${wanted.path}/`.startsWith(`${rootUri.path}/`));
  return holding.sort((one, other) => other.rootUri.path.length - one.rootUri.path.length)[0] ?? repositories[0];
}
