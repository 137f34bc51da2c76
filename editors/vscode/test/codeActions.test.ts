import assert from 'node:assert/strict';

import { CodeAction, CodeActionKind } from 'vscode';

import { RUN_CODE_ACTION, parseCodeActions, replaceCommands } from '../src/codeActions';

const RANGE = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };

function edit(): CodeAction & { data: unknown } {
  const argument = { uri: 'file:///a.py', range: RANGE, name: '2-simplify' };
  return Object.assign(new CodeAction('Interfix: Simplify', CodeActionKind.RefactorRewrite), {
    data: { command: 'interfix.run', arguments: argument },
  });
}

describe('the light bulb', () => {
  it('proposes an edit where the server would have it made', () => {
    const [action] = replaceCommands([edit()]);
    assert(action instanceof CodeAction);
    assert.equal(action.title, 'Interfix: Simplify');
    assert.equal(action.kind?.value, CodeActionKind.RefactorRewrite.value);
    assert.equal(action.edit, undefined);
    assert.equal(action.command?.command, RUN_CODE_ACTION);
    const [argument] = action.command.arguments ?? [];
    assert.deepEqual(
      { ...argument, argument: undefined },
      { title: 'Simplify', command: 'interfix.run', edits: true, argument: undefined },
    );
  });

  it('shows an answer in a page of ours, and lets the server show none', () => {
    const explain = {
      title: 'Interfix: explain',
      command: { title: 'Interfix: explain', command: 'interfix.explain', arguments: [{ uri: 'file:///a.py', range: RANGE, show: true }] },
    };
    const [action] = parseCodeActions([explain]);
    assert.equal(action?.edits, false);
    assert.deepEqual(action.argument, { uri: 'file:///a.py', range: RANGE, show: false });
  });

  it('leaves what is of others as it is', () => {
    const other = new CodeAction('Organise imports', CodeActionKind.Source);
    assert.deepEqual(replaceCommands([other]), [other]);
  });
});
