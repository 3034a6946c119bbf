/** What systemd.unit takes. */
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common, Refusal } from '../../core/state.ts';
import { textSourceProperties } from '../../core/text-source.ts';
import { dropinProperty, isTemplate, nameProperty } from './_name.ts';

export const properties = {
  ...nameProperty,
  contents: { type: 'string', minLength: 1, description: 'The text of the file.' },
  sections: {
    type: 'object',
    ordered: true,
    description:
      'The file as data: section → setting → value. A list gives a line for each member, null an empty assignment.',
  },
  ...textSourceProperties,
  dropin: dropinProperty,
  instances: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    description: 'Of a template such as `app@.service`: the instances that `running` and `enable` are about.',
  },
  running: {
    type: 'boolean',
    description: 'Whether the unit runs. Unless given, it is neither started nor stopped.',
  },
  enable: {
    type: 'boolean',
    description: 'Whether it is started at boot. Left alone where it is not given.',
  },
  restart: {
    type: 'boolean',
    default: true,
    description: 'Restart a running unit whose file changed; false leaves that to others.',
  },
  reload: {
    type: 'boolean',
    default: false,
    description: 'Reload instead of restart, where the unit can be reloaded.',
  },
  unmask: { type: 'boolean', default: false, description: 'Unmask the unit where it is masked.' },
  verify: {
    type: 'boolean',
    default: true,
    description: 'Have systemd-analyze verify the file before it is put in place.',
  },
  init_delay: {
    type: 'number',
    minimum: 0,
    description: 'Seconds the unit has to stay up after it was started for that to count as success.',
  },
  show_changes: {
    type: 'boolean',
    default: true,
    description: '`false`: the report says that the content changes, but not how.',
  },
} as const;

export type Arguments = ArgumentsOf<typeof properties> & Common;

export function refuseArguments(args: Arguments, unit: string): Refusal | undefined {
  const given = [args.contents, args.sections, args.source].filter((one) => one !== undefined);
  if (given.length !== 1) {
    return { refused: 'Exactly one of contents, sections and source has to be given.', certain: true };
  }
  if (args.instances !== undefined && !isTemplate(unit)) {
    return { refused: `${unit} is no template, so it has no instances.`, certain: true };
  }
  if (isTemplate(unit) && !args.instances && (args.running !== undefined || args.enable !== undefined)) {
    return {
      refused: `${unit} is a template: only its instances run.`,
      hint: 'Name them by `instances`.',
      certain: true,
    };
  }
  return undefined;
}
