// Commands that answer in words: the answer is shown rendered, and grows as it is thought out.

import { ProgressLocation } from 'vscode';
import { type LanguageClient, ProgressType } from 'vscode-languageclient/node';

import type { Pages } from './pages';
import { run } from './run';

interface Piece {
  readonly kind: 'begin' | 'report' | 'end';
  readonly message?: string;
}

let count = 0;

/** @param title of the page; `doing` is what the progress says */
export async function answer(
  pages: Pages,
  client: LanguageClient,
  title: string,
  doing: string,
  command: string,
  argument: object,
): Promise<void> {
  const heading = `# ${title.replace(/[\\`*_[\]<>#]/g, '\\$&')}\n\n`;
  const write = await pages.open(title, `${heading}…`);
  const token = `interfix-answer-${++count}`;
  let text = '';
  const listening = client.onProgress(new ProgressType<Piece>(), token, ({ kind, message }) => {
    if (kind === 'report' && message) {
      text += message;
      write(heading + text);
    }
  });
  const result = await run<{ markdown: string }>(client, doing, command, { ...argument, token }, ProgressLocation.Notification);
  listening.dispose();
  write(heading + (result?.markdown ?? `${text}\n\n*Not finished.*\n`));
}
