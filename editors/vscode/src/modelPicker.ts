// Lets the user choose the model of a role among those the server lists.

import { type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { executeCommand } from './executeCommand';
import { writeSetting } from './settings';

type Role = 'base' | 'instruct';

interface ModelEntry {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly bytes: number;
  readonly installed: boolean;
  readonly path: string;
  readonly commercial: boolean;
  readonly problem: string;
  readonly advice: {
    readonly memory: number;
    readonly fits: boolean;
    readonly speed: { readonly tokens_per_second: number; readonly measured: boolean };
    readonly recommended: readonly Role[];
  } | null;
}

interface ModelList {
  readonly models: readonly ModelEntry[];
  readonly serving: { readonly [role in Role]?: string };
}

interface ModelChoice extends QuickPickItem {
  readonly name?: string;
}

const TITLES: Record<Role, string> = {
  base: 'Interfix: the model that completes',
  instruct: 'Interfix: the model that explains and edits',
};

export async function pickModel(client: LanguageClient, role: Role): Promise<void> {
  const { models, serving } = await executeCommand<ModelList>(client, 'interfix.models');
  const suitable = models.filter(({ roles }) => roles.includes(role));
  const installedModels = suitable.filter(({ installed }) => installed);
  const downloadable = suitable.filter(({ installed, advice }) => !installed && advice?.fits);
  const choices: ModelChoice[] = [
    { label: 'What suits this machine', description: 'chosen by Interfix', name: '' },
    { label: 'here', kind: QuickPickItemKind.Separator },
    ...installedModels.map((model) => createChoice(model, role, serving[role])),
    { label: 'downloaded when chosen', kind: QuickPickItemKind.Separator },
    ...downloadable.map((model) => createChoice(model, role, serving[role])),
  ];
  const chosen = await window.showQuickPick(choices, { title: TITLES[role], placeHolder: 'Choose a model', matchOnDescription: true });
  if (chosen?.name !== undefined) {
    await writeSetting(`models.${role}`, chosen.name);
    await writeSetting('models.pull', undefined);
  }
}

/** Ask the server to download the models of roles that have none. */
export async function downloadMissingModels(client: LanguageClient): Promise<void> {
  await executeCommand(client, 'interfix.pull');
}

function createChoice(model: ModelEntry, role: Role, modelInUse: string | undefined): ModelChoice {
  const { name, advice } = model;
  const facts = [
    ...(name === modelInUse ? ['in use'] : []),
    ...(advice?.recommended.includes(role) ? ['recommended'] : []),
    `${(model.bytes / 1e9).toFixed(1)} GB`,
    ...(advice ? [`${advice.speed.measured ? '' : 'about '}${advice.speed.tokens_per_second.toFixed(0)} tokens/s`] : []),
    ...(model.commercial ? [] : ['not for commercial use']),
  ];
  return { label: name, description: facts.join(' · '), ...(model.problem ? { detail: model.problem } : {}), name };
}
