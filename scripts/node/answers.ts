/** A file of answers, which is pillar. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Mapping } from './data.ts';
import { readText } from './files.ts';
import { readYaml } from './read-yaml.ts';
import { Trouble } from './trouble.ts';

/** It may hold secrets, so nobody else may read it. `-` is what is piped in: then there is no file at all. */
export function readAnswers(file: string | undefined): Mapping {
  if (file === undefined) return {};
  if (file === '-') return readYaml(readFileSync(0, 'utf8'), 'standard input');
  let text: string | undefined;
  try {
    text = readText(file);
  } catch (error) {
    throw new Trouble(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
  if (text === undefined) throw new Trouble(`There is no ${file}.`);
  const { mode, uid } = statSync(file);
  if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.getuid?.()))
    throw new Trouble(`Others may read or change ${file}.`, `chown root: ${file}; chmod 600 ${file}`);
  return readYaml(text, file);
}

/** Keys below those of a tree are held to its schema by converge; of others nobody knows but their owner. */
export function warnOfUnread(answers: Mapping, base: Mapping, tree: string): void {
  const known = new Set(['domain', 'bootstrap', ...Object.keys(base), ...readdirSync(`${tree}/states`)]);
  for (const key of Object.keys(answers).filter((one) => !known.has(one)))
    process.stderr.write(`warning: No tree of ours reads the answer "${key}".\n`);
}
