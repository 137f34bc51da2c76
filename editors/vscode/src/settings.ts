// What the user has set, for the extension and for the server. Knows no setting of the server by name.

import { workspace } from 'vscode';

/** The command that starts the server: a program on the PATH or an absolute path. */
export function serverCommand(): string {
  return workspace.getConfiguration('interfix').get<string>('server.command')?.trim() || 'interfix';
}

/**
 * What goes to the server: the user's own settings and nothing that a workspace brings along, which has its `.interfix.toml` for what
 * it may say. Only what was set is sent, so that the server's own configuration files keep their say on the rest.
 */
export function serverSettings(): Record<string, unknown> {
  const { server, trace, ...rest } = workspace.getConfiguration().inspect<Record<string, unknown>>('interfix')?.globalValue ?? {};
  return rest;
}
