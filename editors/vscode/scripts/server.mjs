// Puts the server into the extension: its wheel, the versions it was tested with, and how llama.cpp is built for it.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = dirname(dirname(fileURLToPath(import.meta.url)));
const root = process.env.INTERFIX_SOURCE ?? dirname(dirname(extension));
const out = join(extension, 'server');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
build(['--offline']) || build([]) || process.exit(1);
copyFileSync(join(root, 'server/constraints.txt'), join(out, 'constraints.txt'));
writeFileSync(join(out, 'uv.toml'), recipe(readFileSync(join(root, 'pyproject.toml'), 'utf8')));

/** What building the wheel needs is taken from uv's cache where it is there. */
function build(more) {
  try {
    execFileSync('uv', ['build', '--wheel', '--quiet', ...more, '--out-dir', out, root], { stdio: more.length ? 'ignore' : 'inherit' });
    return true;
  } catch {
    return false;
  }
}

/** The `[tool.uv.…]` tables of the project, as the tables of a uv.toml. */
function recipe(project) {
  return [...project.matchAll(/^\[tool\.uv\.(.+)\]\n((?:[^[\n].*\n)*)/gm)].map(([, name, lines]) => `[${name}]\n${lines}`).join('\n');
}
