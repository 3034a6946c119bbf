/** Arguments that all states of the `cmd` family take. */
import type { Properties } from '../../core/schema.ts';

export const commandProperties = {
  cwd: {
    type: 'string',
    description: 'Folder to run in; the home of the user it runs as unless told, `/` where that is missing.',
  },
  runas: { type: 'string', description: 'User to run as, with that user’s groups and home.' },
  group: { type: 'string', description: 'Group to run as instead of the user’s own.' },
  shell: {
    type: 'string',
    default: '/bin/sh',
    description: 'Program that reads the command as a script, by `-c`.',
  },
  env: {
    type: ['object', 'array'],
    description:
      'Variables added to the environment: a dictionary or a list of them. False removes one, null makes it empty.',
  },
  clean_env: {
    type: 'boolean',
    default: false,
    description: 'Whether nothing but PATH, the locale and `env` is in the environment.',
  },
  prepend_path: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Folders put before those of PATH.',
  },
  umask: {
    type: ['string', 'integer'],
    description: 'Mask of the command in octal digits, such as 077.',
  },
  timeout: {
    type: 'number',
    minimum: 0,
    description:
      'Seconds after which the command and all that it started are stopped; 0 means the limit of the run.',
  },
  ignore_timeout: {
    type: 'boolean',
    default: false,
    description: 'Whether running out of time counts as success.',
  },
  stateful: {
    type: ['boolean', 'object', 'array'],
    default: false,
    description:
      'True: the last line of output tells what changed, as `changed=yes comment="…"` or as JSON. A dictionary with `test_name` also names a command that tells beforehand, in the same way, whether there is anything to do.',
  },
  success_retcodes: {
    type: ['integer', 'array'],
    items: { type: 'integer' },
    description: 'Exit statuses beside 0 that count as success.',
  },
  success_stdout: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Outputs that count as success whatever the exit status.',
  },
  success_stderr: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Error outputs that count as success whatever the exit status.',
  },
  hide_output: {
    type: 'boolean',
    default: false,
    description: 'Whether the report leaves out what the command printed.',
  },
  below_root: {
    type: 'boolean',
    default: false,
    description:
      'Below `--root`: runs on this machine itself, in `cwd` below the root and with CONVERGE_ROOT set, instead of inside the root.',
  },
  output_loglevel: { type: 'string', description: 'Accepted for Salt trees; output is only in the report.' },
  quiet: { type: 'boolean', description: 'Accepted for Salt trees, as `output_loglevel`.' },
  use_vt: { type: 'boolean', description: 'Accepted for Salt trees; output is never shown as it comes.' },
} as const satisfies Properties;
