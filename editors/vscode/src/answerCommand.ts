// Runs a command that answers in words. The answer is shown rendered, and grows while the model writes it.

import { ProgressType } from 'vscode-languageclient/node';

import { executeWithProgress, type ModelRequest } from './executeCommand';
import { escapeMarkdown } from './markdown';
import type { MarkdownPages } from './markdownPages';

interface AnswerProgress {
  readonly kind: 'begin' | 'report' | 'end';
  /** Of `begin`: what is done, and after a colon the definition or the lines that it is about. */
  readonly title?: string;
  readonly message?: string;
}

let tokenCount = 0;

export async function runAnswerCommand(
  pages: MarkdownPages,
  { client, title, progressTitle, command, argument }: ModelRequest,
): Promise<void> {
  const token = `interfix-answer-${++tokenCount}`;
  let text = '';
  let heading = '';
  // The page is opened once the server says what the answer is about, so a request that is refused leaves no empty page.
  let page: Promise<(text: string) => void> | undefined;
  const show = (shown: string): void => void page?.then((write) => write(heading + shown));
  const subscription = client.onProgress(new ProgressType<AnswerProgress>(), token, ({ kind, title: begun, message }) => {
    if (kind === 'begin') {
      const name = `${title}: ${begun?.split(': ').pop() ?? ''}`;
      heading = `# ${escapeMarkdown(name)}\n\n`;
      page = pages.open(name, `${heading}*Reading the code …*`);
    } else if (kind === 'report' && message) {
      text += message;
      show(text);
    }
  });
  const result = await executeWithProgress<{ markdown: string }>(client, progressTitle, command, { ...argument, token });
  subscription.dispose();
  show(result?.markdown ?? `${text}\n\n*Not finished.*\n`);
}
