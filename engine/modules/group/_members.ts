/** The steps that bring about the members of a group. */
import { settledGroup } from '../../core/accounts.ts';
import type { Group } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import type { Arguments, Now } from './present.ts';

export function memberSteps(args: Arguments, group: Group, now: Now): Step[] {
  const { name, members, addusers = [], delusers = [] } = args;
  let left = [...group.members];
  function settles() {
    return settledGroup(name, { ...group, members: left }, now.gshadow);
  }
  if (members !== undefined) {
    const wanted = [...new Set(members)];
    if (wanted.length === new Set(left).size && wanted.every((one) => left.includes(one))) return [];
    left = wanted;
    return [
      {
        change: { subject: 'members', old: group.members, new: wanted },
        effect: {
          kind: 'exec',
          command: { argv: ['gpasswd', '-M', wanted.join(','), name] },
          settles: settles(),
          foreseen: true,
        },
      },
    ];
  }
  return [
    ...addusers.filter((one) => !left.includes(one)).map((one) => ['-a', one] as const),
    ...delusers.filter((one) => left.includes(one)).map((one) => ['-d', one] as const),
  ].map(([option, one]) => {
    left = option === '-a' ? [...left, one] : left.filter((other) => other !== one);
    return {
      change: {
        subject: `member ${one}`,
        old: option === '-a' ? 'absent' : 'present',
        new: option === '-a' ? 'present' : 'absent',
      },
      effect: {
        kind: 'exec',
        command: { argv: ['gpasswd', option, one, name] },
        settles: settles(),
        foreseen: true,
      },
    };
  });
}
