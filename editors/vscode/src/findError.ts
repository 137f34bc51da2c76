// Finds the reason in what uv, pip or Python's venv printed before it failed.

const LABEL = /^(error|fatal)\b|^×/i;
const CAUSE = /^(caused by|cause)\b|^[├╰]─[▶>]/i;
const HINT = /^(hint|note|help)\b/i;
/** What pip says of each try to connect; in the end it says only that it found no version. */
const BROKEN_CONNECTION = /connection broken by '(.*)': \S*$/;
const EXCEPTION = /^[\w.]*(Error|Exception): /;

/**
 * The error in a program's output: the first line that calls itself one, with its last cause, each with the lines that go on with it.
 * Hints are left out. Of an output without such a line its last exception, else its first paragraph. Undefined if nothing was printed.
 * @param output its lines, empty ones included
 */
export function findError(output: readonly string[]): string | undefined {
  const connection = output.map((line) => BROKEN_CONNECTION.exec(line)?.[1]).find((each) => each !== undefined);
  if (connection !== undefined && output.some((line) => /could not find a version/i.test(line))) {
    return toSentence(unwrapException(connection));
  }
  const statements = joinLines(output);
  const first = statements.findIndex((each) => LABEL.test(each));
  if (first < 0) {
    const said = statements.filter((each) => each && !HINT.test(each));
    return toSentence(said.filter((each) => EXCEPTION.test(each)).at(-1) ?? said[0] ?? statements.find(Boolean));
  }
  const causes = statements.slice(first + 1).filter((each) => CAUSE.test(each));
  // That it tried several times says less than what it tried.
  const head = /retries/.test(statements[first] ?? '') && causes.length ? (causes.shift() ?? '') : (statements[first] ?? '');
  return toSentence([head, ...causes.slice(-1)].map(stripLabel).join(': '));
}

/** The lines, with those that go on with the one before appended to it: up to an empty one, or one that begins something else. */
function joinLines(output: readonly string[]): string[] {
  const statements: string[] = [];
  let isOpen = false;
  for (const line of output.map((each) => each.trim())) {
    const begins = [LABEL, CAUSE, HINT, EXCEPTION].some((pattern) => pattern.test(line));
    if (isOpen && line && !begins) {
      statements.push(`${statements.pop()} ${line}`);
    } else {
      statements.push(line);
    }
    // What has no label yet may be the first lines of a paragraph, or news of what is done.
    isOpen = Boolean(line) && (begins || !/^(using|resolved|prepared|creating|downloading|building|warning)\b/i.test(line));
  }
  return statements;
}

/** What an exception says, without those around it: of `A(B(1, 'text'))` the text. */
function unwrapException(text: string): string {
  const inner = /^\w+\((?:\d+, )?(.*)\)$/.exec(text)?.[1];
  return inner === undefined ? text.replace(/^['"]|['"]$/g, '').replace(/^(<[^>]*>|\w+\([^()]*\)): /, '') : unwrapException(inner);
}

function stripLabel(statement: string): string {
  return statement.replace(/^(error|fatal|caused by|cause):\s*|^[×├╰─▶>\s]+/i, '').replace(/[.:]$/, '');
}

/** As part of a sentence in a notification, where no Markdown is rendered. */
function toSentence(text: string | undefined): string | undefined {
  return text?.replaceAll('`', '"').replace(/\s+/g, ' ').replace(/[.:]$/, '');
}
