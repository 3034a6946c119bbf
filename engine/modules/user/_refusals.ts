/** Why a user cannot be as it is described. */
import { badField, badName } from '../../core/accounts.ts';
import type { Refusal } from '../../core/state.ts';
import { badAging } from './_aging.ts';
import { badGecos } from './_gecos.ts';
import { badMemberships } from './_groups.ts';
import { badPassword, cannotUnlock } from './_password.ts';
import type { Arguments, Now } from './present.ts';

const shadowArguments = [
  'password',
  'empty_password',
  'password_lock',
  'date',
  'mindays',
  'maxdays',
  'inactdays',
  'warndays',
  'expire',
] as const;

/** The first argument that is about /etc/shadow. Without one nobody needs to be allowed to read that. */
export function shadowArgument(args: Arguments): string | undefined {
  return shadowArguments.find(
    (name) => args[name] !== undefined && !(name === 'empty_password' && args[name] === false),
  );
}

/** The first that applies: what the arguments themselves say comes before what the host says. */
export function refusalOf(args: Arguments, now: Now): Refusal | undefined {
  return badArguments(args) ?? impossible(args, now);
}

function badArguments(args: Arguments): Refusal | undefined {
  if (args.loginclass !== undefined) {
    return { refused: 'loginclass is only known to the BSDs.', hint: 'Remove it.', certain: true };
  }
  return (
    badName('user', args.name) ??
    badGecos(args) ??
    badPath('home', args.home) ??
    badPath('shell', args.shell) ??
    badAging(args) ??
    badPassword(args)
  );
}

function badPath(argument: string, path: string | undefined): Refusal | undefined {
  if (path === undefined || path.startsWith('/')) return badField(argument, path);
  return {
    refused: `"${path}" is not an absolute path, in ${argument}.`,
    hint: 'Write the path from the root: /….',
    certain: true,
  };
}

function impossible(args: Arguments, now: Now): Refusal | undefined {
  const { name } = args;
  const { user, fresh, primary } = now;
  if (now.foreign) {
    return {
      refused: `The user ${name} does not come from /etc/passwd, so it cannot be managed here.`,
      hint: 'Change it in the directory it comes from (LDAP, sssd), or choose another name.',
    };
  }
  if (now.holder !== undefined && args.unique) {
    return {
      refused: `The id ${args.uid} belongs to the user ${now.holder}.`,
      hint: 'Choose another uid, or set unique: false.',
    };
  }
  if (primary === null) {
    return {
      refused: `There is no group ${args.gid ?? name} to be the primary one of ${name}.`,
      hint: 'Require the group.present that makes it, or leave gid out.',
    };
  }
  const fixed = user && fixedIds(args, now);
  if (fixed) return fixed;
  const groups = badMemberships(name, now.groups);
  if (groups) return groups;
  if (fresh && (fresh.uid === undefined || fresh.gid === undefined)) {
    return {
      refused: `No id is free for ${name}, or the group of new users is missing.`,
      hint: 'Give uid and gid.',
    };
  }
  const shadow = now.shadow ?? now.lacking ?? fresh?.shadow;
  if (shadow === undefined) return withoutShadow(args);
  return cannotUnlock(name, shadow, now.password, args);
}

/** Salt: the ids of an existing user only change where that is allowed, for its files elsewhere keep the old ones. */
function fixedIds(args: Arguments, { user, primary }: Now): Refusal | undefined {
  const uid = args.uid !== undefined && args.uid !== user!.uid && !args.allow_uid_change;
  const gid = primary && primary.gid !== user!.gid && !args.allow_gid_change;
  if (!uid && !gid) return undefined;
  const [what, old, wanted] = uid ? ['uid', user!.uid, args.uid] : ['gid', user!.gid, primary!.gid];
  return {
    refused: `The ${what} of ${args.name} is ${old}, not ${wanted}, and it may not be changed.`,
    hint: `Set allow_${what}_change: true; files outside its home keep the old number.`,
  };
}

function withoutShadow(args: Arguments): Refusal | undefined {
  const given = shadowArgument(args);
  if (given === undefined) return undefined;
  return {
    refused: `There is no /etc/shadow, so ${given} of ${args.name} cannot be managed.`,
    hint: 'Run pwconv as root, which makes the file.',
  };
}
