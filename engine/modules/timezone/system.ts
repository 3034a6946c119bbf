/** The state timezone.system: the time zone of the node, and what its hardware clock shows. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Step } from '../../core/state.ts';
import { folder, isName, isZone, similarZones } from './_zones.ts';

const properties = {
  name: { type: 'string', minLength: 1, description: 'The time zone: `Europe/Berlin`, `Etc/UTC`.' },
  utc: {
    type: 'boolean',
    default: true,
    description: 'Whether the hardware clock shows UTC; `false`: local time.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly known: boolean;
  /** Whether there are any zones. */
  readonly zones: boolean;
  readonly similar: readonly string[];
  /** What /etc/localtime leads to; undefined where it is no link. */
  readonly link: string | undefined;
  /** Whether /etc/localtime is something else than a link. */
  readonly isFile: boolean;
  readonly timezone: string | undefined;
  readonly adjtime: string | undefined;
}

const localtime = '/etc/localtime';

function read({ name }: Arguments, reader: Reader): Now {
  const known = isName(name) && isZone(name, reader);
  const text = (path: string) => reader.content(path)?.toString('utf8');
  return {
    known,
    zones: known || reader.stat(folder)?.kind === 'directory',
    similar: known ? [] : similarZones(name, reader),
    link: reader.link(localtime),
    isFile: (reader.stat(localtime)?.kind ?? 'link') !== 'link',
    timezone: text('/etc/timezone'),
    adjtime: text('/etc/adjtime'),
  };
}

/** As localtime(5) has it: relative, so that it holds below another root too. */
function targetOf(name: string): string {
  return `../usr/share/zoneinfo/${name}`;
}

function zoneOf(link: string | undefined): string | undefined {
  return /^(?:\.\.)?\/usr\/share\/zoneinfo\/(.+)$/.exec(link ?? '')?.[1];
}

function plan({ name, utc }: Arguments, now: Now): Plan {
  if (!now.zones) {
    return { refused: `There are no time zones in ${folder}.`, hint: 'Require the package tzdata.' };
  }
  if (!now.known) {
    const guess = now.similar.length > 0 ? `Did you mean ${now.similar.join(' or ')}?` : `See ${folder}.`;
    return { refused: `There is no time zone "${name}".`, hint: guess };
  }
  const steps: Step[] = [];
  if (zoneOf(now.link) !== name) {
    const old = zoneOf(now.link) ?? now.link ?? (now.isFile ? 'a file' : undefined);
    steps.push({
      change: { subject: 'timezone', ...(old !== undefined && { old }), new: name },
      effect: { kind: 'link', path: localtime, target: targetOf(name) },
    });
  }
  if (now.timezone !== undefined && now.timezone.trim() !== name) {
    steps.push({
      change: { subject: '/etc/timezone', old: now.timezone.trim(), new: name },
      effect: { kind: 'write', path: '/etc/timezone', content: Buffer.from(`${name}\n`) },
    });
  }
  const clock = clockOf(now.adjtime);
  if (clock !== (utc ? 'UTC' : 'LOCAL')) steps.push(clockStep(utc, clock, now.adjtime));
  if (steps.length > 0) return steps;
  return { steps, comment: `Timezone ${name} already set` };
}

/** hwclock(8), "The Adjtime File": the third line; UTC where there is none. */
function clockOf(adjtime: string | undefined): 'UTC' | 'LOCAL' {
  return adjtime?.split('\n')[2]?.trim() === 'LOCAL' ? 'LOCAL' : 'UTC';
}

function clockStep(utc: boolean, old: string, adjtime: string | undefined): Step {
  const [drift = '0.0 0 0.0', calibrated = '0'] = (adjtime ?? '').split('\n').filter(Boolean);
  const wanted = utc ? 'UTC' : 'LOCAL';
  const content = Buffer.from(`${drift}\n${calibrated}\n${wanted}\n`);
  return {
    change: { subject: 'hardware clock', old, new: wanted },
    effect: {
      kind: 'write',
      path: '/etc/adjtime',
      content,
      ...(adjtime === undefined && { mode: 0o644 }),
    },
  };
}

export default defineState({
  summary: 'the node is in this time zone',
  description: `
Sets the link \`/etc/localtime\`, \`/etc/timezone\` where a Debian has that file, and for the hardware clock
\`/etc/adjtime\`. Services that run already keep the zone they started with.

Unlike Salt: timezone.system only writes files; it neither sets the hardware clock nor asks timedatectl.`,
  properties,
  examples: [
    { title: 'a zone', sls: 'Europe/Berlin:\n  timezone.system\n' },
    {
      title: 'a machine whose clock another system sets to local time',
      sls: 'timezone:\n  timezone.system:\n    name: America/New_York\n    utc: false\n',
    },
  ],
  read,
  plan,
});
