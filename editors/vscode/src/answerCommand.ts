// Runs a command that answers in words. The answer is shown rendered, and grows while the model writes it.

import { ProgressType } from 'vscode-languageclient/node';

import { executeWithProgress, type ModelRequest } from './executeCommand';
import type { MarkdownPages } from './markdownPages';

interface AnswerProgress {
  readonly kind: 'begin' | 'report' | 'end';
  readonly message?: string;
}

let tokenCount = 0;

export async function runAnswerCommand(
  pages: MarkdownPages,
  { client, title, progressTitle, command, argument }: ModelRequest,
): Promise<void> {
  const heading = `# ${title.replace(/[\\`*_[\]<>#]/g, '\\$&')}\n\n`;
  const write = await pages.open(title, `${heading}…`);
  const token = `interfix-answer-${++tokenCount}`;
  let text = '';
  const subscription = client.onProgress(new ProgressType<AnswerProgress>(), token, ({ kind, message }) => {
    if (kind === 'report' && message) {
      text += message;
      write(heading + text);
    }
  });
  const result = await executeWithProgress<{ markdown: string }>(client, progressTitle, command, { ...argument, token });
  subscription.dispose();
  write(heading + (result?.markdown ?? `${text}\n\n*Not finished.*\n`));
}
