// Draws a next edit: as a small diff where its place is in sight, else as a hint at the end of the cursor's line.

import {
  type DecorationOptions,
  type DecorationRenderOptions,
  DecorationRangeBehavior,
  type Disposable,
  MarkdownString,
  OverviewRulerLane,
  Position,
  Range,
  type TextEditor,
  ThemeColor,
  window,
  workspace,
} from 'vscode';

import { dedent, diffLines } from './wordDiff';
import type { NextEdit } from './nextEditRequests';

const MAX_SHOWN_CHARACTERS = 120;
const PEEK_LINES = 2;
const REMOVED: DecorationRenderOptions = {
  backgroundColor: new ThemeColor('diffEditor.removedTextBackground'),
  textDecoration: 'line-through',
  overviewRulerColor: new ThemeColor('editorOverviewRuler.modifiedForeground'),
  overviewRulerLane: OverviewRulerLane.Center,
  rangeBehavior: DecorationRangeBehavior.ClosedClosed,
};

export class NextEditView implements Disposable {
  private readonly removed = window.createTextEditorDecorationType(REMOVED);
  private readonly inserted = window.createTextEditorDecorationType({ rangeBehavior: DecorationRangeBehavior.ClosedClosed });
  private readonly hint = window.createTextEditorDecorationType({ rangeBehavior: DecorationRangeBehavior.ClosedOpen });
  private editor: TextEditor | undefined;

  /** Draw an edit whose place is in sight. */
  drawDiff(editor: TextEditor, edit: NextEdit): void {
    this.clear();
    this.editor = editor;
    const { document } = editor;
    const oldText = document.getText(edit.range).replaceAll('\r\n', '\n');
    const newText = edit.text.replaceAll('\r\n', '\n');
    const hoverMessage = describeEdit(editor, edit, document.getText(edit.range), 'Tab takes it, Escape leaves it.');
    const changes = diffLines(oldText, newText);
    const removed: DecorationOptions[] = [];
    const inserted: DecorationOptions[] = [];
    for (const change of changes ?? []) {
      const line = edit.range.start.line + change.line;
      const first = change.line === 0 ? edit.range.start.character : 0;
      const range = new Range(line, first + change.start, line, first + change.end);
      removed.push({ range, hoverMessage });
      inserted.push({ range: new Range(range.end, range.end), renderOptions: { after: renderInserted(change.inserted) } });
    }
    if (!changes) {
      if (!edit.range.isEmpty) {
        removed.push({ range: edit.range, hoverMessage });
      }
      const { start, isEmpty } = edit.range;
      const isBetweenLines = isEmpty && start.character === 0 && start.line > 0;
      // New lines are drawn behind the line that they follow.
      const line = isBetweenLines ? start.line - 1 : lastLine(edit);
      const end = document.validatePosition(new Position(line, Number.MAX_SAFE_INTEGER));
      const place = isEmpty && !isBetweenLines ? start : end;
      const text = `${isBetweenLines ? ' ⏎ ' : ''}${joinLines(newText)}`;
      inserted.push({ range: new Range(place, place), hoverMessage, renderOptions: newText ? { after: renderInserted(text) } : {} });
    }
    editor.setDecorations(this.removed, removed);
    editor.setDecorations(this.inserted, inserted);
  }

  /** Draw a hint where the cursor is: the edit is elsewhere. */
  drawHint(editor: TextEditor, edit: NextEdit): void {
    this.clear();
    this.editor = editor;
    const line = editor.selection.active.line;
    const isHere = edit.uri.toString() === editor.document.uri.toString();
    const place = isHere ? `line ${edit.range.start.line + 1}` : `${workspace.asRelativePath(edit.uri)}:${edit.range.start.line + 1}`;
    const end = editor.document.lineAt(line).range.end;
    const oldText = isHere ? editor.document.getText(edit.range) : '';
    editor.setDecorations(this.hint, [
      {
        range: new Range(end, end),
        hoverMessage: describeEdit(editor, edit, oldText, `Tab goes to ${place}, Escape leaves it.`),
        renderOptions: {
          after: {
            contentText: `⇥ ${place}: ${shorten(edit.label)}`,
            margin: '0 0 0 2em',
            color: new ThemeColor('editorInlayHint.foreground'),
            backgroundColor: new ThemeColor('editorInlayHint.backgroundColor'),
            border: '1px solid',
            borderColor: new ThemeColor('editorWidget.border'),
          },
        },
      },
    ]);
  }

  clear(): void {
    for (const decoration of [this.removed, this.inserted, this.hint]) {
      this.editor?.setDecorations(decoration, []);
    }
    this.editor = undefined;
  }

  dispose(): void {
    this.clear();
    for (const decoration of [this.removed, this.inserted, this.hint]) {
      decoration.dispose();
    }
  }
}

/** Whether an edit's place is on the screen. */
export function isInSight(editor: TextEditor, edit: NextEdit): boolean {
  return (
    edit.uri.toString() === editor.document.uri.toString() &&
    editor.visibleRanges.some((visible) => visible.start.line <= edit.range.start.line && lastLine(edit) <= visible.end.line)
  );
}

/** The last line that an edit touches: one that ends before a line's first character does not touch that. */
function lastLine({ range }: NextEdit): number {
  return range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
}

function renderInserted(text: string): { contentText: string; backgroundColor: ThemeColor; color: ThemeColor } {
  return {
    // A run of spaces would be drawn as one.
    contentText: shorten(text).replaceAll(' ', '\u00a0'),
    backgroundColor: new ThemeColor('diffEditor.insertedTextBackground'),
    color: new ThemeColor('editor.foreground'),
  };
}

/** Several lines as one: an extension can draw nothing between two lines. */
function joinLines(text: string): string {
  const [first = '', ...more] = dedent(text.replace(/^\n|\n$/g, '')).split('\n');
  return more.length ? `${first} ⏎ ${more.length} more ${more.length > 1 ? 'lines' : 'line'}` : first;
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/** The change as a diff, with the lines around it. */
function describeEdit(editor: TextEditor, edit: NextEdit, oldText: string, what: string): MarkdownString {
  const lines = [...markLines('-', wholeLines(editor, edit, oldText)), ...markLines('+', wholeLines(editor, edit, edit.text))];
  const context = (line: number): string[] =>
    edit.uri.toString() === editor.document.uri.toString() && line >= 0 && line < editor.document.lineCount
      ? [` ${editor.document.lineAt(line).text}`]
      : [];
  const before = Array.from({ length: PEEK_LINES }, (_, i) => context(edit.range.start.line - PEEK_LINES + i)).flat();
  const after = Array.from({ length: PEEK_LINES }, (_, i) => context(lastLine(edit) + 1 + i)).flat();
  const peek = new MarkdownString();
  peek.appendMarkdown(`Interfix: ${what}\n`);
  peek.appendCodeblock([...before, ...lines, ...after].join('\n'), 'diff');
  return peek;
}

/** A text of the edit's range with what stands around it on its first and last line. */
function wholeLines({ document }: TextEditor, { uri, range }: NextEdit, text: string): string {
  if (uri.toString() !== document.uri.toString()) {
    return text;
  }
  const before = document.getText(new Range(range.start.with({ character: 0 }), range.start));
  return before + text + document.lineAt(range.end.line).text.slice(range.end.character);
}

function markLines(mark: string, text: string): string[] {
  return text ? text.split(/\r?\n/).map((line) => mark + line) : [];
}
