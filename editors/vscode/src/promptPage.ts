// The page "Why this suggestion": the exact prompt at the cursor and what became of each part of it.

import type { LanguageClient } from 'vscode-languageclient/node';

import { findCommandTarget } from './commandTarget';
import { executeWithProgress } from './executeCommand';
import { escapeMarkdown, fenceCode, formatTable } from './markdown';
import type { MarkdownPages } from './markdownPages';

interface PromptReport {
  readonly model: string;
  readonly prompt: string;
  readonly prompt_tokens: number;
  readonly budget: number;
  readonly parts: readonly {
    readonly kind: string;
    readonly source: string;
    readonly path: string;
    readonly line: number;
    readonly tokens: number;
    readonly kept: boolean;
    readonly why: string;
  }[];
  readonly left: readonly { readonly source: string; readonly path: string; readonly why: string }[];
  readonly context_ms: number;
}

export async function showPromptPage(client: LanguageClient, pages: MarkdownPages): Promise<void> {
  const target = findCommandTarget(client);
  if (!target) {
    return;
  }
  const position = client.code2ProtocolConverter.asPosition(target.editor.selection.active);
  const report = await executeWithProgress<PromptReport>(client, 'looking at the prompt', 'interfix.why', {
    uri: target.argument.uri,
    position,
  });
  if (report) {
    await pages.open('Why this suggestion', renderPage(report));
  }
}

function renderPage(report: PromptReport): string {
  const rows = report.parts.map((part) => [
    escapeMarkdown(part.path ? `${part.kind} ${part.path}:${part.line + 1}` : part.kind),
    escapeMarkdown(part.source),
    String(part.tokens),
    escapeMarkdown((part.kept ? 'yes' : 'no') + (part.why ? `, ${part.why}` : '')),
  ]);
  const left = report.left.map(
    ({ path, source, why: reason }) => `- ${escapeMarkdown(path)} (${escapeMarkdown(source)}): ${escapeMarkdown(reason)}`,
  );
  return [
    '# Why this suggestion',
    `${escapeMarkdown(report.model)} is shown ${report.prompt_tokens} of at most ${report.budget} tokens; ` +
      `what stands in other files took ${report.context_ms.toFixed(0)} ms.`,
    formatTable(['part', 'source', 'tokens', 'shown'], rows),
    ...(left.length ? ['## Left out', left.join('\n')] : []),
    '## The prompt, word for word',
    fenceCode(report.prompt),
  ].join('\n\n');
}
