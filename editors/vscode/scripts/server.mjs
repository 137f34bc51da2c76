// Puts the server into the extension: its wheel, and the versions it was tested with.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = dirname(dirname(fileURLToPath(import.meta.url)));
const root = process.env.INTERFIX_SOURCE ?? dirname(dirname(extension));
const out = join(extension, 'server');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
build(['--offline']) || build([]) || process.exit(1);
copyFileSync(join(root, 'server/constraints.txt'), join(out, 'constraints.txt'));

/** What building the wheel needs is taken from uv's cache where it is there. */
function build(more) {
  try {
    execFileSync('uv', ['build', '--wheel', '--quiet', ...more, '--out-dir', out, root], { stdio: more.length ? 'ignore' : 'inherit' });
    return true;
  } catch {
    return false;
  }
}
