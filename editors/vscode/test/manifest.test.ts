import assert from 'node:assert/strict';

import { commands, extensions } from 'vscode';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Record<string, readonly { readonly command?: string }[]>;
    readonly keybindings: readonly { readonly command: string }[];
  };
}

describe('the manifest', () => {
  const extension = extensions.getExtension<undefined>('interfix.interfix');

  it('names commands that are there', async () => {
    await extension?.activate();
    const { contributes } = extension?.packageJSON as Manifest;
    const known = new Set(await commands.getCommands());
    const named = [contributes.commands, contributes.keybindings, ...Object.values(contributes.menus)].flat();
    const missing = named.filter(({ command }) => command && !known.has(command));
    assert.deepEqual(missing, []);
  });
});
