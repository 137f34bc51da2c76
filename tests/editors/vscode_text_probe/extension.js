// Keeps in the file that `TEST_TEXT_PROBE` names what stands before the cursor and after it: what nobody can read off the screen, which
// draws tabs as spaces, suggestions among the text, and only the lines in sight. Suggests and changes nothing.

const { renameSync, writeFileSync } = require('node:fs');
const { window, workspace } = require('vscode');

exports.activate = ({ subscriptions }) => {
  const path = process.env.TEST_TEXT_PROBE;
  const write = () => {
    const editor = window.activeTextEditor;
    if (!editor) {
      return;
    }
    const { document, selection } = editor;
    const text = document.getText();
    const offset = document.offsetAt(selection.active);
    writeFileSync(`${path}.new`, JSON.stringify({ path: document.uri.fsPath, before: text.slice(0, offset), after: text.slice(offset) }));
    renameSync(`${path}.new`, path);
  };
  subscriptions.push(
    window.onDidChangeTextEditorSelection(write),
    window.onDidChangeActiveTextEditor(write),
    // The cursor is told after the text that it stands behind.
    workspace.onDidChangeTextDocument(() => setTimeout(write, 30)),
  );
  write();
};
