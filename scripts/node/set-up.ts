/** Makes this machine a node of a role: what it has to be told first, then everything by converge. */
import { existsSync, rmSync } from 'node:fs';
import { readAnswers, warnOfUnread } from './answers.ts';
import { canAsk } from './ask.ts';
import { at, merge } from './data.ts';
import { findDomain } from './domain.ts';
import { bringLacking } from './lacking.ts';
import { nextSteps } from './next-steps.ts';
import type { Options } from './options.ts';
import { leftFile, tree } from './places.ts';
import { compile, patience, readPillar, run } from './program.ts';
import { writeRole, writeSettings } from './settings.ts';
import { timing } from './timing.ts';
import { endTrial, isTried, onTrial, readTold, tryTold, writeTold } from './told.ts';
import { Trouble } from './trouble.ts';
import type { Role } from './wanted.ts';

export async function setUp(role: Role, options: Options): Promise<number> {
  const answers = readAnswers(options.answers);
  const asks = options.answers === undefined && canAsk();
  writeSettings(undefined);
  writeRole(role);
  const base = readPillar(['--pillar', `${tree}/pillar`]);
  warnOfUnread(answers, base, tree);
  const before = readTold();
  const given = merge(merge(before.told, before.secrets), answers);
  const domain = await findDomain([options.domain, at(given, 'domain'), at(base, 'domain')], asks);
  writeSettings(domain);

  // What somebody typed is kept at once. What a file says is kept when it is known to fit.
  const keep = asks ? writeTold : tryTold;
  const told = await bringLacking({
    ...{ role, domain, base, asks, first: options.first === true },
    told: merge(given, { domain }),
    keep: (all) => keep(all, base, domain),
  });
  if (!asks) {
    fits(options.answers);
    writeTold(told, base, domain);
  }
  const pillar = readPillar();
  if (at(pillar, 'domain') !== domain)
    throw new Trouble(
      `The pillar top file of ${tree} does not give "node" to this node.`,
      "It needs '*': [node].",
    );

  if (existsSync(leftFile)) {
    run(['resume']);
    rmSync(leftFile);
  }
  const asked = Date.now();
  const status = run(['highstate', ...patience, ...(options.test ? ['--test'] : [])]);
  if (options.test) return status;
  if (status !== 0) {
    process.stderr.write(
      '\nThe node is not complete. Run the same again once the cause above is gone; nothing is asked twice.\n',
    );
    return status;
  }
  process.stdout.write(`\n${nextSteps(role, domain, pillar)}${timing(asked)}`);
  return 0;
}

/** Nothing is kept of what does not. */
function fits(answers: string | undefined): void {
  try {
    compile(onTrial(tree), (file, line) =>
      isTried(file) ? (answers ?? 'what this node was told') : `${file}, line ${line}`,
    );
  } catch (error) {
    if (!(error instanceof Trouble) || answers === undefined) throw error;
    throw new Trouble(
      'With these answers the tree does not compile; nothing of them is kept.',
      ...error.hints,
    );
  } finally {
    endTrial();
  }
}
