/** The comment field of passwd(5): full name, room, two phones, and whatever else. */
import { badField } from '../../core/accounts.ts';
import type { Change, Refusal } from '../../core/state.ts';

const text = ['string', 'integer'] as const;

export const gecosProperties = {
  fullname: { type: text, description: 'Full name, the first part of the comment field.' },
  roomnumber: { type: text, description: 'Room, a part of the comment field.' },
  workphone: { type: text, description: 'Phone at work, a part of the comment field.' },
  homephone: { type: text, description: 'Phone at home, a part of the comment field.' },
  other: { type: text, description: 'The rest of the comment field; only here commas are allowed.' },
} as const;

const names = ['fullname', 'roomnumber', 'workphone', 'homephone', 'other'] as const;

export type GecosArguments = { readonly [name in (typeof names)[number]]?: string | number };

export function badGecos(args: GecosArguments): Refusal | undefined {
  return names
    .map((name) => badField(name, args[name]?.toString(), name === 'other' ? '' : ','))
    .find((refusal) => refusal !== undefined);
}

/** The field with what is given in its places, and what that changes. Other parts stay as they are. */
export function gecosOf(args: GecosArguments, now: string): { gecos: string; changes: Change[] } {
  const [fullname = '', room = '', work = '', home = '', ...rest] = now.split(',');
  const parts = [fullname, room, work, home, rest.join(',')];
  const changes: Change[] = [];
  for (const [index, name] of names.entries()) {
    const wanted = args[name]?.toString();
    if (wanted === undefined || wanted === parts[index]) continue;
    changes.push({ subject: name, ...(parts[index] !== '' && { old: parts[index] }), new: wanted });
    parts[index] = wanted;
  }
  return { gecos: changes.length === 0 ? now : parts.join(',').replace(/,+$/, ''), changes };
}
