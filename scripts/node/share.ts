/** Prints what further nodes have to be told, as a file of answers. */
import { at, merge, split, toYaml } from './data.ts';
import { readTold } from './told.ts';
import { Trouble } from './trouble.ts';
import { isOwn } from './wanted.ts';

export function share(): number {
  const { told, secrets } = readTold();
  const all = merge(told, secrets);
  if (at(all, 'domain') === undefined) throw new Trouble('This node was not told anything yet.');
  const [, shared] = split(all, isOwn);
  if (process.stdout.isTTY)
    process.stderr.write(
      'These are secrets. Better send them into a file for root only: (umask 077; ./bootstrap.sh share > answers.yaml)\n',
    );
  process.stdout.write(
    `#!yaml\n# Answers for ./bootstrap.sh. Remove this file when they were given.\n${toYaml(shared)}`,
  );
  return 0;
}
