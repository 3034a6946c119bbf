/** Every option of the command line, as data: arguments.ts parses by it and help.ts prints it. */
import type { Verb } from './arguments.ts';

/** An option that takes a value names it (`DIR`); one with choices lists them; the rest are switches. */
export interface OptionRow {
  readonly value?: string;
  readonly choices?: readonly string[];
  /** May be given several times; otherwise the last one counts. */
  readonly many?: true;
  readonly short?: string;
  readonly help: string;
}

export const outputs = ['human', 'json', 'ndjson', 'quiet'] as const;
export const stateOutputs = ['full', 'changes', 'terse'] as const;
export const colours = ['auto', 'always', 'never'] as const;
export const logLevels = ['quiet', 'error', 'warning', 'info', 'debug', 'trace'] as const;

/** What every verb takes. */
export const commonOptions = {
  states: { value: 'DIR', many: true, help: 'A file root with SLS files; several are searched in order.' },
  pillar: { value: 'DIR', many: true, help: 'A pillar root; several are searched in order.' },
  templates: { value: 'DIR', help: 'One more file root, searched last.' },
  root: { value: 'DIR', help: 'Converge this folder or image instead of /.' },
  id: { value: 'NAME', help: 'The id of this node, for targets and the grain "id".' },
  config: { value: 'FILE', help: 'Settings file; /etc/converge/converge.yaml unless told.' },
  grains: { value: 'FILE', help: "Facts of another host (YAML or JSON) instead of this one's." },
  'pillar-override': { value: 'JSON|FILE', help: 'Pillar values that win over those of the files.' },
  output: { choices: outputs, help: 'What to print on stdout; human unless told.' },
  json: { help: 'Short for --output json.' },
  'state-output': { choices: stateOutputs, help: 'How much to say about each state.' },
  context: { value: 'N', help: 'Unchanged lines around each difference; 3 unless told.' },
  'detailed-exitcode': { help: 'Exit with 2 when a dry run finds changes pending.' },
  failhard: { help: 'Stop at the first state that fails.' },
  color: { choices: colours, help: 'Colours; auto: on a terminal unless NO_COLOR is set.' },
  'log-level': { choices: logLevels, help: 'What to log on stderr; warning unless told.' },
  cache: { value: 'DIR', help: 'Where to keep parsed files between runs.' },
  'no-cache': { help: 'Parse every file afresh.' },
  help: { short: 'h', help: 'Print help; after a verb: about that verb.' },
  version: { help: 'Print the version.' },
} as const satisfies { [name: string]: OptionRow };

/** An option of some verbs only. */
export interface VerbOptionRow extends OptionRow {
  readonly verbs: readonly Verb[];
}

const changing = ['highstate', 'apply', 'single', 'apply-plan', 'rollback', 'restore'] as const;
const running = ['highstate', 'apply', 'single'] as const;

/** What only some verbs take. */
export const verbOptions = {
  test: {
    verbs: ['highstate', 'apply', 'single', 'rollback', 'restore'],
    help: 'Dry run: show what would be done, and touch nothing.',
  },
  out: {
    verbs: running,
    value: 'FILE',
    help: 'With --test: save the plan, for converge apply-plan.',
  },
  confirm: {
    verbs: ['highstate', 'apply', 'single', 'apply-plan'],
    value: 'SECONDS',
    help: 'Take everything back after so long, unless it is confirmed.',
  },
  prune: {
    verbs: ['highstate'],
    value: 'KINDS',
    many: true,
    help: 'Remove what was owned once and is declared no more: file,cron… or all.',
  },
  junit: { verbs: running, value: 'FILE', help: 'Write a report in the format of JUnit, too.' },
  wait: {
    verbs: [...changing, 'confirm'],
    value: 'SECONDS',
    help: 'Wait so long while another run holds the lock; 10 unless told, 3600 with --cause.',
  },
  cause: {
    verbs: changing,
    value: 'WORD',
    help: 'What asks: schedule, or an event. Highstates with it that overlap become one.',
  },
  run: {
    verbs: ['restore'],
    value: 'RUN',
    help: 'What was there before this run; the last that touched it unless told.',
  },
  force: {
    verbs: ['restore', 'rollback'],
    help: 'Also where something else was changed since.',
  },
  once: { verbs: ['watch'], help: 'Look at everything once, do what that calls for, and leave.' },
  for: {
    verbs: ['pause'],
    value: 'TIME',
    help: 'For so long: 30m, 2h, 1d. Until converge resume unless told.',
  },
  reason: { verbs: ['pause'], value: 'TEXT', help: 'Why, for those who ask.' },
  reveal: { verbs: ['pillar'], help: 'pillar get: print the secret itself.' },
  recipient: {
    verbs: ['pillar'],
    value: 'KEY',
    many: true,
    help: 'pillar encrypt, edit, rotate: for this public key, instead of those of recipients.txt.',
  },
  whole: { verbs: ['pillar'], help: 'pillar encrypt: all of the file, and not only what is tagged !secret.' },
} as const satisfies { [name: string]: VerbOptionRow };
