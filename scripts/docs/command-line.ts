/** The reference page of the command line, from the tables that parse it and print its help. */
import { verbs } from '../../engine/cli/arguments.ts';
import { exitCodes, optionUsage, verbHelp } from '../../engine/cli/help.ts';
import { commonOptions, type OptionRow, type VerbOptionRow, verbOptions } from '../../engine/cli/options.ts';
import { fence, page, table } from './page.ts';

export function commandLinePage(): string {
  return page('The command line', 'engine/cli/options.ts and engine/cli/help.ts', [
    'stdout carries the result only; progress, warnings and logs go to stderr. Options may stand before or after the verb; `--` ends them.',
    '',
    ...verbs.flatMap(verbSection),
    '## Options',
    '',
    'Some verbs take these:',
    '',
    ...table(
      ['Option', 'Of', 'Meaning'],
      Object.entries<VerbOptionRow>(verbOptions).map(([name, option]) => [
        ...optionCells(name, option).slice(0, 1),
        option.verbs.map((verb) => `\`${verb}\``).join(', '),
        ...optionCells(name, option).slice(1),
      ]),
    ),
    '',
    'Every verb takes these:',
    '',
    ...table(
      ['Option', 'Meaning'],
      Object.entries<OptionRow>(commonOptions).map(([name, option]) => optionCells(name, option)),
    ),
    '',
    'What is not given comes from `/etc/converge/converge.yaml` (or the file of `--config`), and folders then from the current folder when it has `states/` (and `pillar/` and `templates/`).',
    '',
    '## Exit codes',
    '',
    ...table(
      ['Code', 'Meaning'],
      exitCodes.map(([code, meaning]) => [String(code), meaning]),
    ),
  ]);
}

function optionCells(name: string, option: OptionRow): [string, string] {
  return [
    `\`${optionUsage(name, option)}\``,
    option.help + (option.many ? ' May be given several times.' : ''),
  ];
}

function verbSection(verb: keyof typeof verbHelp): string[] {
  const help = verbHelp[verb];
  const text = help.text.includes('\n')
    ? help.text.split('\n').map((line) => `- ${line.replace(/^(.*?):/, '`$1`:')}`)
    : [help.text];
  const examples = help.examples.map(([command, does]) => `${command}  # ${does}`).join('\n');
  return [
    `## ${verb}`,
    '',
    `\`${help.usage}\``,
    '',
    help.summary,
    '',
    ...text,
    '',
    ...fence('sh', examples),
    '',
  ];
}
