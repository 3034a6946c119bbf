/** The steps that make a user: perhaps its group, then all else by one command. */
import { settledGroup, settledRecord, shadowRecord, userRecord } from '../../core/accounts.ts';
import type { Settled, User } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { gecosOf } from './_gecos.ts';
import { membershipChange } from './_groups.ts';
import { homeEffects } from './_home.ts';
import type { NewUser } from './_new.ts';
import type { Arguments, Now } from './present.ts';

export function creationSteps(args: Arguments, now: Now, fresh: NewUser): Step[] {
  const { name } = args;
  const gid = fresh.gid!;
  const { gecos, changes: texts } = gecosOf(args, '');
  const user: User = {
    name,
    uid: fresh.uid!,
    gid,
    gecos,
    home: args.home ?? fresh.home,
    shell: args.shell ?? fresh.shell,
  };
  const groups = membershipChange(name, now.groups, gid, now.gshadow);
  const [change, ...also]: Change[] = [
    { subject: 'uid', new: user.uid },
    { subject: 'gid', new: gid },
    { subject: 'home', new: user.home },
    { subject: 'shell', new: user.shell },
    ...texts,
    ...(groups ? [{ subject: 'groups', new: groups.wanted }] : []),
  ];
  const argv = [
    'useradd',
    ...['-u', String(user.uid), '-g', String(gid), '-d', user.home, '-s', user.shell],
    ...(gecos === '' ? [] : ['-c', gecos]),
    ...(groups ? ['-G', groups.list] : []),
    now.home ? '-m' : '-M',
    ...(args.system ? ['-r'] : []),
    ...(args.unique ? [] : ['-o']),
    ...(args.nologinit ? ['-l'] : []),
    ...['--', name],
  ];
  const settles: Settled[] = [
    settledRecord('/etc/passwd', name, userRecord(user)),
    settledRecord('/etc/shadow', name, shadowRecord(name, fresh.shadow)),
    ...(groups?.settles ?? []),
    ...fresh.beside,
    ...(now.home ? homeEffects(now.home, user.uid, gid) : []).map(
      (effect): Settled => ({ about: 'file', effect }),
    ),
  ];
  return [
    ...(fresh.ownGroup ? [groupStep(args, gid, now)] : []),
    { change: change!, also, effect: { kind: 'exec', command: { argv }, settles, foreseen: true } },
  ];
}

/** By itself, so that its id can be chosen; found there by the next run, should what follows fail. */
function groupStep({ name, system }: Arguments, gid: number, { gshadow }: Now): Step {
  const argv = ['groupadd', ...(system ? ['-r'] : []), '-g', String(gid), '--', name];
  return {
    change: { subject: 'usergroup', new: name },
    effect: {
      kind: 'exec',
      command: { argv },
      settles: settledGroup(name, { gid, members: [] }, gshadow),
      foreseen: true,
    },
  };
}
