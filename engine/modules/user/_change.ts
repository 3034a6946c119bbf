/** The steps that change a user that exists: what differs, its home, and its entry in /etc/shadow. */
import { settledRecord, shadowRecord, userRecord } from '../../core/accounts.ts';
import type { Settled, Shadow, User } from '../../core/host.ts';
import { labelStep } from '../../core/selinux-label.ts';
import type { Change, Step } from '../../core/state.ts';
import { gecosOf } from './_gecos.ts';
import { membershipChange } from './_groups.ts';
import { homeEffects } from './_home.ts';
import type { Arguments, Now } from './present.ts';

/** One command for all that differs in /etc/passwd and /etc/group, then the home. */
export function changeSteps(args: Arguments, now: Now, user: User): Step[] {
  const words: string[] = [];
  const changes: Change[] = [];
  const settles: Settled[] = [];
  let after = user;
  function set(subject: keyof User, wanted: string | number | undefined, ...options: string[]): void {
    if (wanted === undefined || wanted === user[subject]) return;
    changes.push({ subject, old: user[subject], new: wanted });
    words.push(...options, String(wanted));
    after = { ...after, [subject]: wanted };
  }
  set('uid', args.uid, ...(args.unique ? [] : ['-o']), '-u');
  set('gid', now.primary?.gid, '-g');
  set('home', args.home, ...(now.moves ? ['-m'] : []), '-d');
  set('shell', args.shell, '-s');
  const { gecos, changes: texts } = gecosOf(args, user.gecos);
  if (texts.length > 0) {
    changes.push(...texts);
    words.push('-c', gecos);
    after = { ...after, gecos };
  }
  if (changes.length > 0)
    settles.push({ about: 'record', file: '/etc/passwd', key: user.name, record: userRecord(after) });
  const groups = membershipChange(user.name, now.groups, after.gid, now.gshadow);
  if (groups) {
    changes.push({ subject: 'groups', old: groups.old, new: groups.wanted });
    words.push('-G', groups.list);
    settles.push(...groups.settles);
  }
  if (now.moves) settles.push({ about: 'file', effect: { kind: 'move', from: user.home, path: after.home } });
  const steps: Step[] = [];
  const [change, ...also] = changes;
  if (change) {
    // usermod gives the files in a home to the new ids; which ones that are is not gathered.
    const exact = !now.homeIsThere || (after.uid === user.uid && after.gid === user.gid);
    const command = { argv: ['usermod', ...words, '--', user.name] };
    steps.push({
      change,
      also,
      effect: { kind: 'exec', command, settles, ...(exact && { foreseen: true }) },
    });
  }
  return [...steps, ...homeSteps(now, after)];
}

function homeSteps({ home, labelled }: Now, { uid, gid }: User): Step[] {
  if (home === undefined) return [];
  const made = homeEffects(home, uid, gid).map((effect) => ({
    change: { subject: effect.path, new: effect.kind === 'copy' ? 'file' : 'directory' },
    effect,
  }));
  return labelled ? [...made, labelStep(home.path)] : made;
}

/** Makes the entry that is missing. */
export function conversionStep(name: string, shadow: Shadow): Step {
  return {
    change: { subject: 'shadow', new: 'entry' },
    effect: {
      kind: 'exec',
      command: { argv: ['pwconv'] },
      settles: [settledRecord('/etc/shadow', name, shadowRecord(name, shadow))],
      foreseen: true,
    },
  };
}
