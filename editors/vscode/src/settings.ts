// The user's settings, for the extension and for the server.

import { ConfigurationTarget, workspace } from 'vscode';

type Values = Record<string, unknown>;

/** The command that starts the server: a program on the PATH or an absolute path; empty: look for one. */
export function readServerCommand(): string {
  return workspace.getConfiguration('interfix').get<string>('server.command')?.trim() ?? '';
}

/**
 * The settings to send to the server: the user's own only. A workspace uses its `.interfix.toml`, which the server restricts. Defaults
 * are not sent, so that the server's own configuration files decide the rest. Until the user trusts the workspace, `context.trusted` is
 * false and the server reads no other file of it.
 */
export function collectServerSettings(): Values {
  const { server, trace, ...rest } = workspace.getConfiguration().inspect<Values>('interfix')?.globalValue ?? {};
  if (workspace.isTrusted) {
    return rest;
  }
  const context = typeof rest['context'] === 'object' ? (rest['context'] as Values) : {};
  return { ...rest, context: { ...context, trusted: false } };
}

/** The value of a setting for this user; undefined if it has neither value nor default. */
export function readSetting<Value>(key: string): Value | undefined {
  return workspace.getConfiguration('interfix').get<Value>(key);
}

export async function writeSetting(key: string, value: unknown): Promise<void> {
  await workspace.getConfiguration('interfix').update(key, value, ConfigurationTarget.Global);
}
