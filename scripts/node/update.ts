/** Goes over to the version that was brought beside the present one, once its changes were seen. */
import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { readAnswers, warnOfUnread } from './answers.ts';
import { canAsk, confirmed } from './ask.ts';
import { command } from './command.ts';
import { at, type Mapping, merge } from './data.ts';
import { findDomain } from './domain.ts';
import { bringLacking } from './lacking.ts';
import type { Options } from './options.ts';
import { current, home, nextTree, ownTree, tree } from './places.ts';
import { patience, readPillar, run } from './program.ts';
import { readRole } from './settings.ts';
import { timing } from './timing.ts';
import { endTrial, onTrial, readTold, tryTold, writeTold } from './told.ts';
import { Trouble } from './trouble.ts';

const version = process.env['CONVERGE_VERSION_FOLDER'];

/** Until `takeOver` everything of the new version lies beside the present one. */
export async function update(options: Options): Promise<number> {
  if (ownTree !== nextTree || version === undefined)
    throw new Trouble('There is nothing to update to.', 'Name a version by --source.');
  const role = readRole();
  if (role === undefined || !existsSync(current))
    throw new Trouble('This machine is no node yet.', 'Run ./bootstrap.sh app or db.');
  const answers = readAnswers(options.answers);
  const base = readPillar(['--pillar', `${nextTree}/pillar`]);
  warnOfUnread(answers, base, nextTree);
  const before = readTold();
  const given = merge(merge(before.told, before.secrets), answers);
  const domain = await findDomain([at(given, 'domain'), at(base, 'domain')], false);
  let told: Mapping;
  try {
    // A newer version may have to be told more.
    told = await bringLacking({
      ...{ role, domain, base, first: options.first === true },
      asks: options.answers === undefined && canAsk(),
      told: merge(given, { domain }),
      keep: (all) => tryTold(all, base, domain),
    });
    if (run(['highstate', '--test', ...patience, ...onTrial(nextTree)]) !== 0)
      throw new Trouble(
        'The new version would not converge here; the node stays as it is.',
        `It lies in ${nextTree}.`,
      );
    if (options.test) return 0;
    if (!options.yes && !(await confirmed('Shall this be done?'))) {
      process.stderr.write('The node stays as it is.\n');
      return 1;
    }
  } finally {
    endTrial();
  }
  takeOver(version);
  writeTold(told, base, domain);
  const asked = Date.now();
  const status = run(['highstate', ...patience]);
  const back = `./bootstrap.sh update --source ${home}/tree.before`;
  if (status === 0)
    process.stdout.write(`\nThe new version is in use. Back to the one before: ${back}\n${timing(asked)}`);
  else
    process.stderr.write(
      `\nThe new version is in use, but not everything converged. Run converge highstate once the cause above is gone, or go back: ${back}\n`,
    );
  return status;
}

/** Each of these is one rename, at once after the other. The tree of before stays. */
function takeOver(folder: string): void {
  rmSync(`${home}/tree.before`, { recursive: true, force: true });
  rmSync(`${current}.next`, { force: true });
  symlinkSync(folder, `${current}.next`);
  command('sync', '-f', home);
  renameSync(`${current}.next`, current);
  if (existsSync(tree)) renameSync(tree, `${home}/tree.before`);
  renameSync(nextTree, tree);
  renameSync(`${home}/source.next`, `${home}/source`);
}
