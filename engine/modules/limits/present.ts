/** limits.present: a limit of pam_limits for a user, a group or all. */
import { type Change, defineState, type Plan } from '../../core/state.ts';
import { editStep, limitOf, limitProperties, linesOf, readLimits, refuseLimit } from './_limits.ts';

const ofEverybody = ['maxsyslogins'];
const withoutEnd = ['unlimited', 'infinity', '-1'];

export default defineState({
  summary: 'this limit is set for the sessions of the user or group',
  description: `
The limit is one line of a file in /etc/security/limits.d; of several lines for the same domain, item and type one is
kept. It holds for sessions that begin afterwards, and not for services of systemd, which have settings of their own
(\`LimitNOFILE=\`, see systemd.unit).

Salt has no such state.`,
  properties: {
    ...limitProperties,
    type: {
      type: 'string',
      enum: ['soft', 'hard', 'both'],
      default: 'both',
      description: '`soft`, `hard`, or `both`.',
    },
    value: { type: ['integer', 'string'], description: 'The limit: a number, or `unlimited`.' },
  },
  required: ['item', 'value'],
  examples: [
    {
      title: 'more open files for a group',
      sls: `'@web':
  limits.present:
    - item: nofile
    - value: 65536
`,
    },
    {
      title: 'one limit of a user, in a file of its own',
      sls: `processes of app:
  limits.present:
    - domain: app
    - type: hard
    - item: nproc
    - value: 512
    - conf_file: /etc/security/limits.d/app.conf
`,
    },
  ],
  owns({ name, domain = name, item, type, conf_file }) {
    const args = { name, domain, item, type, conf_file };
    return [
      {
        kind: 'limit',
        name: `${domain} ${type} ${item} in ${conf_file}`,
        absent: { state: 'limits.absent', args },
      },
    ];
  },
  read: readLimits,
  plan(args, now): Plan {
    const domain = String(args.domain ?? args.name);
    const { item } = args;
    const value = String(args.value).trim();
    // limits.conf(5): `-` stands for both.
    const type = args.type === 'both' ? '-' : args.type;
    const wrong = refuseLimit(domain, now.path) ?? refuseValue(item, value, domain);
    if (wrong) return wrong;
    if (!now.folder) {
      return {
        refused: 'There is no /etc/security/limits.d here.',
        hint: 'Install the package libpam-modules (Debian) or pam (RHEL, SUSE) in an earlier state.',
      };
    }
    const covered = type === '-' ? ['soft', 'hard', '-'] : [type];
    const lines = linesOf(now);
    const found = lines.flatMap((line, at) => {
      const limit = limitOf(line);
      return limit?.domain === domain && limit.item === item && covered.includes(limit.type)
        ? [{ ...limit, at }]
        : [];
    });
    const [first, ...more] = found;
    if (first && more.length === 0 && first.type === type && first.value === value) {
      return { steps: [], comment: `${item} of ${domain} is ${value}.` };
    }
    const line = `${domain}\t${type}\t${item}\t${value}`;
    const left = lines.map((one, at) => (at === first?.at ? line : one));
    const kept = left.filter((_, at) => !more.some((one) => one.at === at));
    const old = found.map((one) => `${one.type} ${one.value}`).join(', ');
    const change: Change = {
      subject: `${item} of ${domain}`,
      ...(first && { old }),
      new: `${type} ${value}`,
    };
    return [editStep(now, first ? kept : [...kept, line], [change])];
  },
});

function refuseValue(item: string, value: string, domain: string) {
  if (ofEverybody.includes(item) && domain !== '*') {
    return { refused: `${item} can only be set for *.`, certain: true };
  }
  const number = /^\d+$/.test(value) || (/^-\d+$/.test(value) && ['nice', 'priority'].includes(item));
  const endless = withoutEnd.includes(value) && !['nice', 'priority', 'nonewprivs'].includes(item);
  if (number || endless) return undefined;
  return { refused: `"${value}" is no ${item}.`, hint: 'Give a number, or unlimited.', certain: true };
}
