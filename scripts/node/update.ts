/** Goes over to the version that was brought beside the present one, once its changes were seen. */
import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { confirmed } from './ask.ts';
import { at, type Mapping, merge } from './data.ts';
import type { Options } from './options.ts';
import { current, home, nextTree, ownTree, secretsFile, toldFile, tree } from './places.ts';
import { readPillar, run } from './program.ts';
import { readRole } from './settings.ts';
import { readTold, writeTold } from './told.ts';
import { Trouble } from './trouble.ts';

const version = process.env['CONVERGE_VERSION_FOLDER'];

export async function update(options: Options): Promise<number> {
  if (ownTree !== nextTree || version === undefined) throw new Trouble('There is nothing to update to.');
  if (readRole() === undefined || !existsSync(current))
    throw new Trouble('This machine is no node yet.', 'Run ./bootstrap.sh app or db.');
  const folders = [
    `${nextTree}/pillar`,
    toldFile.replace(/\/[^/]*$/, ''),
    secretsFile.replace(/\/[^/]*$/, ''),
  ];
  const roots = [
    ...['--states', `${nextTree}/states`, '--templates', `${nextTree}/templates`],
    ...folders.flatMap((folder) => ['--pillar', folder]),
  ];
  const foreseen = run(['highstate', '--test', ...roots]);
  if (foreseen !== 0)
    throw new Trouble(
      'The new version would not converge here; the node stays as it is.',
      `It lies in ${nextTree}.`,
    );
  if (options.test) return 0;
  if (!options.yes && !(await confirmed('Shall this be done?'))) {
    process.stderr.write('The node stays as it is.\n');
    return 1;
  }
  takeOver(version);
  const { told, secrets } = readTold();
  const base: Mapping = readPillar(['--pillar', `${tree}/pillar`]);
  const domain = at(told, 'domain');
  if (typeof domain === 'string') writeTold(merge(told, secrets), base, domain);
  return run(['highstate']);
}

/** Each of these is one rename. The tree of before stays until the next update. */
function takeOver(folder: string): void {
  rmSync(`${home}/tree.before`, { recursive: true, force: true });
  if (existsSync(tree)) renameSync(tree, `${home}/tree.before`);
  renameSync(nextTree, tree);
  rmSync(`${current}.next`, { force: true });
  symlinkSync(folder, `${current}.next`);
  renameSync(`${current}.next`, current);
}
