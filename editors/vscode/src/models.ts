// Choosing a model for a role among those that the server knows. Judges none of them.

import { type QuickPickItem, QuickPickItemKind, window } from 'vscode';

import { request } from './run';
import type { Server } from './server';
import { set } from './settings';
import { running } from './target';

type Role = 'base' | 'instruct';

interface Listed {
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

interface Found {
  readonly models: readonly Listed[];
  readonly serving: { readonly [role in Role]?: string };
}

interface Choice extends QuickPickItem {
  readonly name?: string;
}

const TITLES: Record<Role, string> = {
  base: 'Interfix: the model that completes',
  instruct: 'Interfix: the model that explains and edits',
};

export async function chooseModel(server: Server, role: Role): Promise<void> {
  const client = running(server);
  if (!client) {
    return;
  }
  const { models, serving } = await request<Found>(client, 'interfix.models');
  const able = models.filter(({ roles }) => roles.includes(role));
  const here = able.filter(({ installed }) => installed);
  const others = able.filter(({ installed, advice }) => !installed && advice?.fits);
  const choices: Choice[] = [
    { label: 'What suits this machine', description: 'chosen by Interfix', name: '' },
    { label: 'here', kind: QuickPickItemKind.Separator },
    ...here.map((model) => choice(model, role, serving[role])),
    { label: 'downloaded when chosen', kind: QuickPickItemKind.Separator },
    ...others.map((model) => choice(model, role, serving[role])),
  ];
  const chosen = await window.showQuickPick(choices, { title: TITLES[role], placeHolder: 'Choose a model', matchOnDescription: true });
  if (chosen?.name !== undefined) {
    await set(`models.${role}`, chosen.name);
    await set('models.pull', undefined);
  }
}

/** Let the server download what it has no model for. */
export async function downloadMissing(server: Server): Promise<void> {
  const client = running(server);
  if (client) {
    await request(client, 'interfix.pull');
  }
}

function choice(model: Listed, role: Role, serving: string | undefined): Choice {
  const { name, advice } = model;
  const about = [
    ...(name === serving ? ['in use'] : []),
    ...(advice?.recommended.includes(role) ? ['recommended'] : []),
    `${(model.bytes / 1e9).toFixed(1)} GB`,
    ...(advice ? [`${advice.speed.measured ? '' : 'about '}${advice.speed.tokens_per_second.toFixed(0)} tokens/s`] : []),
    ...(model.commercial ? [] : ['not for commercial use']),
  ];
  return { label: name, description: about.join(' · '), ...(model.problem ? { detail: model.problem } : {}), name };
}
