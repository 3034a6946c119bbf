/** `check_cmd` of the states that write whole files: the new content is validated before anything is replaced. */
import type { Command } from '../../core/host.ts';

export const checkProperties = {
  check_cmd: {
    type: ['string', 'array', 'null'],
    items: { type: 'string' },
    description:
      'Command that validates the new content, run by a shell with the path of the new file appended. If it fails, nothing is replaced.',
  },
  tmp_dir: { type: ['string', 'null'], description: 'Accepted for Salt trees; has no effect.' },
  tmp_ext: { type: ['string', 'null'], description: 'Accepted for Salt trees; has no effect.' },
} as const;

/** Salt: the path of the new file is appended to the command. Of several commands each gets it, and all must succeed. */
export function validatorOf(commands: string | readonly string[] | null | undefined): Command | undefined {
  const list = typeof commands === 'string' ? [commands] : (commands ?? []);
  const scripts = list.filter((one) => one.trim() !== '');
  if (scripts.length === 0) return undefined;
  const script =
    scripts.length === 1
      ? scripts[0]!
      : `validate() { ${scripts.map((one) => `${one} "$1"`).join(' && ')}; }; validate`;
  return { argv: [script], shell: '/bin/sh' };
}
