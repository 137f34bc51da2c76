// What the user has set, for the extension and for the server. Knows few settings of the server by name.

import { ConfigurationTarget, workspace } from 'vscode';

type Values = Record<string, unknown>;

/** The command that starts the server: a program on the PATH or an absolute path; empty where it is to be found. */
export function serverCommand(): string {
  return workspace.getConfiguration('interfix').get<string>('server.command')?.trim() ?? '';
}

/**
 * What goes to the server: the user's own settings and nothing that a workspace brings along, which has its `.interfix.toml` for what
 * it may say. Only what was set is sent, so that the server's own configuration files keep their say on the rest. No other file of a
 * workspace is read before the user trusts it.
 */
export function serverSettings(): Values {
  const { server, trace, ...rest } = workspace.getConfiguration().inspect<Values>('interfix')?.globalValue ?? {};
  if (workspace.isTrusted) {
    return rest;
  }
  const context = typeof rest['context'] === 'object' ? (rest['context'] as Values) : {};
  return { ...rest, context: { ...context, trusted: false } };
}

/** The value of a setting for this user; undefined where it has none and no default. */
export function setting<Value>(key: string): Value | undefined {
  return workspace.getConfiguration('interfix').get<Value>(key);
}

export async function set(key: string, value: unknown): Promise<void> {
  await workspace.getConfiguration('interfix').update(key, value, ConfigurationTarget.Global);
}
