/** limits.absent: a limit of pam_limits is not set. */
import { defineState, type Plan } from '../../core/state.ts';
import { editStep, limitOf, limitProperties, linesOf, readLimits, refuseLimit } from './_limits.ts';

export default defineState({
  summary: 'this limit is not set for the user or group',
  description: 'A file of which nothing is left is removed. Salt has no such state.',
  properties: {
    ...limitProperties,
    type: {
      type: 'string',
      enum: ['soft', 'hard', 'both', 'all'],
      default: 'all',
      description: '`soft`, `hard`, `both` (a line for both) or `all` of them.',
    },
  },
  required: ['item'],
  examples: [{ title: 'no limit of open files', sls: "'@web':\n  limits.absent:\n    - item: nofile\n" }],
  read: readLimits,
  plan(args, now): Plan {
    const domain = String(args.domain ?? args.name);
    const { item } = args;
    const wrong = refuseLimit(domain, now.path);
    if (wrong) return wrong;
    const types = args.type === 'all' ? ['soft', 'hard', '-'] : [args.type === 'both' ? '-' : args.type];
    const lines = linesOf(now);
    const found = lines.map((line) => {
      const limit = limitOf(line);
      return limit?.domain === domain && limit.item === item && types.includes(limit.type)
        ? limit
        : undefined;
    });
    const old = found.flatMap((one) => (one ? [`${one.type} ${one.value}`] : []));
    if (old.length === 0) return { steps: [], comment: `${item} of ${domain} is not set in ${now.path}.` };
    const left = lines.filter((_, at) => found[at] === undefined);
    return [editStep(now, left, [{ subject: `${item} of ${domain}`, old: old.join(', ') }])];
  },
});
