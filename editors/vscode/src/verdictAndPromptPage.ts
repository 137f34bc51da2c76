// The page "Why This Suggestion": what became of the last request in the file, and its exact prompt, part by part.

import { window } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { findCommandTarget } from './commandTarget';
import { executeCommand, executeWithProgress } from './executeCommand';
import { escapeMarkdown, fenceCode, formatTable } from './markdown';
import type { MarkdownPages } from './markdownPages';

/** What became of the last request of a file. */
export interface Verdict {
  /** In one line, whether a suggestion is shown and why. */
  readonly summary: string;
  /** What would change that; empty where one is shown. */
  readonly change: string;
  /** What the model said, its lines in the columns that they would have in the document; missing where nothing was requested. */
  readonly said_in_place?: string;
  readonly line?: number;
}

/** What became of the last request for a next edit in a file. */
interface NextEditDecision {
  readonly summary: string;
  /** What would change that; empty where one is shown. */
  readonly change: string;
  /** The likeliest first. */
  readonly considered: readonly {
    readonly finder: string;
    readonly label: string;
    readonly line: number;
    readonly certainty: number;
    readonly evidence: Readonly<Record<string, number>>;
    readonly obstacle: string;
  }[];
}

interface PromptReport {
  /** None if nothing was requested in the file yet. */
  readonly verdict?: Verdict;
  /** None if no next edit was requested in it. */
  readonly next_edit?: NextEditDecision;
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
  const report = await executeWithProgress<PromptReport>(client, 'looking at the prompt', 'interfix.why', {
    uri: target.argument.uri,
    position: client.code2ProtocolConverter.asPosition(target.editor.selection.active),
    last: true,
  });
  if (report) {
    await pages.open('Why This Suggestion', renderPage(report));
  }
}

/** What became of the last request in the active editor's file; undefined if nothing was requested there. */
export async function fetchVerdict(client: LanguageClient): Promise<Verdict | undefined> {
  const document = window.activeTextEditor?.document;
  if (!document) {
    return undefined;
  }
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  return executeCommand<{ verdict: Verdict }>(client, 'interfix.why', { uri, prompt: false }).then(
    ({ verdict }) => verdict,
    () => undefined,
  );
}

function renderVerdict({ summary, change, said_in_place: said = '', line }: Verdict): string[] {
  const place = line === undefined ? '' : ` (line ${line + 1})`;
  return [
    `**${escapeMarkdown(summary)}**${place}`,
    ...(change ? [escapeMarkdown(change)] : []),
    ...(said.trim() ? ['The model said:', fenceCode(said.trimEnd())] : []),
  ];
}

function renderNextEdit({ summary, change, considered }: NextEditDecision): string[] {
  const rows = considered.map(({ label, finder, line, certainty, obstacle }) => [
    escapeMarkdown(label),
    escapeMarkdown(finder),
    String(line + 1),
    `${Math.round(certainty * 100)}%`,
    escapeMarkdown(obstacle.replace('_', ' ')),
  ]);
  const evidence = Object.entries(considered[0]?.evidence ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return [
    '## The next edit',
    escapeMarkdown(summary),
    ...(change ? [escapeMarkdown(change)] : []),
    ...(rows.length ? [formatTable(['edit', 'finder', 'line', 'certain', 'against it'], rows)] : []),
    ...(evidence.length
      ? [`Evidence for the first: ${evidence.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value.toFixed(2)}`).join(', ')}`]
      : []),
  ];
}

function renderPage(report: PromptReport): string {
  return [
    '# Why This Suggestion',
    ...(report.verdict ? renderVerdict(report.verdict) : []),
    ...(report.next_edit ? renderNextEdit(report.next_edit) : []),
    ...(report.prompt ? renderPrompt(report) : []),
  ].join('\n\n');
}

function renderPrompt(report: PromptReport): string[] {
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
    `${escapeMarkdown(report.model)} is shown ${report.prompt_tokens} of at most ${report.budget} tokens; ` +
      `the context of other files took ${report.context_ms.toFixed(0)} ms.`,
    formatTable(['part', 'source', 'tokens', 'shown'], rows),
    ...(left.length ? ['## Left out', left.join('\n')] : []),
    '## The prompt, word for word',
    fenceCode(report.prompt),
  ];
}
