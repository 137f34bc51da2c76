import assert from 'node:assert/strict';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  commands,
  NotebookCellData,
  NotebookCellKind,
  NotebookData,
  Position,
  Range,
  TabInputTextDiff,
  TextEdit,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';

import { EditProposals } from '../src/editProposals';

const BEFORE = 'one\ntwo\nthree\n';
const EDITS = [TextEdit.replace(new Range(0, 0, 0, 3), 'eins'), TextEdit.insert(new Position(3, 0), 'four\n')];
const AFTER = 'eins\ntwo\nthree\nfour\n';

describe('a proposal', () => {
  let folder = '';
  let proposals: EditProposals;

  before(() => {
    proposals = new EditProposals('interfix-tried');
  });
  after(() => proposals.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interfix-'));
  });
  afterEach(() => commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('is shown as a diff, and made as one step to undo', async () => {
    const uri = await file();
    const made = proposals.propose('numbers', 'parses', edit(uri));
    const shown = await diff();
    assert.equal((await workspace.openTextDocument(shown.modified)).getText(), AFTER);
    const document = await workspace.openTextDocument(uri);
    assert.equal(document.getText(), BEFORE);
    proposals.applyActive();
    assert.equal(await made, true);
    assert.equal(document.getText(), AFTER);
    await commands.executeCommand('undo');
    assert.equal(document.getText(), BEFORE);
  });

  it('of a cell is made in the cell, and leads back to its notebook', async () => {
    const cell = new NotebookCellData(NotebookCellKind.Code, BEFORE, 'python');
    const notebook = await workspace.openNotebookDocument('jupyter-notebook', new NotebookData([cell]));
    await window.showNotebookDocument(notebook);
    const { document } = notebook.cellAt(0);
    const made = proposals.propose('numbers', 'parses', edit(document.uri));
    const shown = await diff();
    const proposed = await workspace.openTextDocument(shown.modified);
    assert.deepEqual([proposed.getText(), proposed.languageId], [AFTER, 'python']);
    proposals.applyActive();
    assert.equal(await made, true);
    assert.equal(document.getText(), AFTER);
    assert.equal(window.activeNotebookEditor?.notebook, notebook);
  });

  it('leaves everything as it was where it is discarded, or its tab closed', async () => {
    for (const end of [
      (): unknown => proposals.discardActive(),
      // Now and then the tab is closed before the diff in it has opened.
      ...Array.from({ length: 5 }, () => (): unknown => commands.executeCommand('workbench.action.closeActiveEditor')),
    ]) {
      const uri = await file();
      const made = proposals.propose('numbers', 'parses', edit(uri));
      await diff();
      await end();
      assert.equal(await made, false);
      assert.equal((await workspace.openTextDocument(uri)).getText(), BEFORE);
    }
  });

  it('is not made of a text that has changed meanwhile', async () => {
    const uri = await file();
    const made = proposals.propose('numbers', 'parses', edit(uri));
    await diff();
    const other = new WorkspaceEdit();
    other.insert(uri, new Position(0, 0), 'zero\n');
    await workspace.applyEdit(other);
    proposals.applyActive();
    assert.equal(await made, false);
    assert.equal((await workspace.openTextDocument(uri)).getText(), `zero\n${BEFORE}`);
  });

  it('may be a file that is not there yet', async () => {
    const uri = Uri.file(join(folder, 'test_new.py'));
    const creation = new WorkspaceEdit();
    creation.createFile(uri);
    creation.set(uri, [TextEdit.insert(new Position(0, 0), 'def test(): ...\n')]);
    const made = proposals.propose('tests', 'parses', creation);
    await diff();
    assert.deepEqual(await readdir(folder), []);
    proposals.applyActive();
    assert.equal(await made, true);
    assert.equal((await workspace.openTextDocument(uri)).getText(), 'def test(): ...\n');
  });

  async function file(): Promise<Uri> {
    const path = join(folder, `numbers-${Math.random()}.txt`);
    await writeFile(path, BEFORE);
    return Uri.file(path);
  }
});

function edit(uri: Uri): WorkspaceEdit {
  const made = new WorkspaceEdit();
  made.set(uri, EDITS);
  return made;
}

/** The diff in front, once it is there. */
async function diff(): Promise<TabInputTextDiff> {
  const shown = (): unknown => window.tabGroups.activeTabGroup.activeTab?.input;
  for (;;) {
    const input = shown();
    if (input instanceof TabInputTextDiff) {
      return input;
    }
    await new Promise<void>((resolve) => {
      const listening = window.tabGroups.onDidChangeTabs(() => {
        listening.dispose();
        resolve();
      });
    });
  }
}
