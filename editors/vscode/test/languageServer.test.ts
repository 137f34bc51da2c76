import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { window } from 'vscode';

import { LanguageServer } from '../src/languageServer';
import { SuggestionToggles } from '../src/suggestionToggles';

/** A language server that does nothing but start and end, and leaves a file beside it while it runs. */
const PROGRAM = `#!${process.execPath}
const { unlinkSync, writeFileSync } = require('node:fs');
const running = __filename + '.' + process.pid;
writeFileSync(running, '');
const end = () => { unlinkSync(running); process.exit(); };
let text = '';
process.stdin.on('end', end).on('data', (data) => {
  text += data;
  for (let found; (found = /^Content-Length: (\\d+)(?:\\r\\n[^\\r]+)*\\r\\n\\r\\n/.exec(text)) && text.length >= found[0].length + +found[1]; ) {
    const { id, method } = JSON.parse(text.slice(found[0].length, found[0].length + +found[1]));
    text = text.slice(found[0].length + +found[1]);
    if (method === 'exit') { end(); }
    if (id !== undefined && method) {
      const reply = JSON.stringify({ jsonrpc: '2.0', id, result: method === 'initialize' ? { capabilities: {} } : null });
      process.stdout.write('Content-Length: ' + reply.length + '\\r\\n\\r\\n' + reply);
    }
  }
});
`;

describe('the server', () => {
  it('runs once, however often and quickly it is started, and not at all once it is stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'interfix-'));
    const program = join(folder, 'program');
    await writeFile(program, PROGRAM);
    await chmod(program, 0o755);
    const running = async (): Promise<number> => (await readdir(folder)).length - 1;
    const log = window.createOutputChannel('Interfix tried', { log: true });
    const switches = new SuggestionToggles();
    const server = new LanguageServer(log, switches);
    try {
      await Promise.all([server.start(program), server.start(program), server.start(program)]);
      assert(server.runningClient);
      await settled(async () => (await running()) === 1);
      await server.start(program);
      await settled(async () => (await running()) === 1);
      await server.stop();
      await settled(async () => (await running()) === 0);
    } finally {
      // Not the log: the client writes of a program's end a moment after that.
      server.dispose();
      switches.dispose();
    }
  });
});

async function settled(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
