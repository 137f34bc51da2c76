// How a small change looks: which piece of each old line goes, and what comes in its place.

/** A piece of an old line that goes, and the text that comes there. */
export interface LineChange {
  /** Of the old text's lines, from 0. */
  readonly line: number;
  /** Characters of that line. */
  readonly start: number;
  readonly end: number;
  readonly inserted: string;
}

const WORD = /[\p{L}\p{N}_$]/u;

/**
 * The changes from one text to another, a line each; undefined where lines were added or removed, which cannot be drawn within lines.
 * Words are not cut in two: a name is replaced as a whole.
 */
export function diffLines(oldText: string, newText: string): LineChange[] | undefined {
  const oldLines = oldText.split('\n');
  const newLines = newText.split('\n');
  if (oldLines.length !== newLines.length) {
    return undefined;
  }
  return oldLines.flatMap((oldLine, line) => {
    const newLine = newLines[line] ?? '';
    return oldLine === newLine ? [] : [{ line, ...diffWords(oldLine, newLine) }];
  });
}

/** The text without the indentation that all its lines share. */
export function dedent(text: string): string {
  const lines = text.split('\n');
  const indents = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const shared = indents.length ? Math.min(...indents) : 0;
  return lines.map((line) => line.slice(shared)).join('\n');
}

function diffWords(oldLine: string, newLine: string): Omit<LineChange, 'line'> {
  const limit = Math.min(oldLine.length, newLine.length);
  let start = 0;
  while (start < limit && oldLine[start] === newLine[start]) {
    start++;
  }
  let same = 0;
  while (same < limit - start && oldLine.at(-same - 1) === newLine.at(-same - 1)) {
    same++;
  }
  while (start > 0 && isWithinWord(oldLine, newLine, start)) {
    start--;
  }
  while (same > 0 && isWithinWord(oldLine, newLine, -same)) {
    same--;
  }
  return { start, end: oldLine.length - same, inserted: newLine.slice(start, newLine.length - same) };
}

/** Whether a place, counted from the end if negative, is within a word of either line. */
function isWithinWord(oldLine: string, newLine: string, place: number): boolean {
  return [oldLine, newLine].some((line) => {
    const at = place < 0 ? line.length + place : place;
    return WORD.test(line[at - 1] ?? '') && WORD.test(line[at] ?? '');
  });
}
