/** file.serialize: data written as YAML, JSON, INI or TOML. */

import { isUtf8 } from 'node:buffer';
import type { Reader } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState, type Plan, type Refusal } from '../../core/state.ts';
import { type Dict, fromPlain, isDict, keyText, type Value } from '../../core/value.ts';
import { checkProperties, validatorOf } from './_check.ts';
import { encode } from './_contents.ts';
import { showChangesProperty } from './_edit.ts';
import { formats, sameData } from './_formats.ts';
import { merged } from './_merged.ts';
import { ownerOf, ownerProperties } from './_owner.ts';
import { makedirsProperty, parentSteps, parentsOf } from './_parents.ts';
import { lookAt, notAFile, pathOf, type There } from './_path.ts';
import { Unfit } from './_unfit.ts';
import { backupOf, writeSteps } from './_write.ts';

interface Arguments {
  readonly dataset?: unknown;
  readonly dataset_pillar?: string | null;
  readonly serializer?: string | null;
  readonly formatter?: string | null;
  readonly serializer_opts?: unknown;
  readonly merge_if_exists: boolean;
  readonly encoding?: string | null;
  readonly encoding_errors: string;
}

export default defineState({
  summary: 'the file holds this data, in this format',
  description: `
\`serializer\` is \`yaml\` (the default), \`json\`, \`configparser\` (INI) or \`toml\`.

With \`merge_if_exists\` the data is merged into what the file holds: mappings at every depth, everything else is
replaced. A file that holds the data already is left alone, however it is laid out.

Salt: keys are sorted in YAML and JSON unless \`serializer_opts\` says \`sort_keys: false\`; in INI and TOML they stay in
order. JSON is indented by two. A newline is added at the end of every format, so INI and TOML files end in an empty
line. Characters beyond ASCII are escaped unless \`encoding\` is given.

Unlike Salt: file.serialize knows no \`python\`, \`plist\` and \`msgpack\`.

Unlike Salt: file.serialize with \`merge_if_exists\` sees to owner and mode of a file that holds the data already, too.`,
  properties: {
    dataset: { ordered: true, description: 'The data.' },
    dataset_pillar: {
      type: ['string', 'null'],
      description: 'Pillar path of the data, instead of `dataset`.',
    },
    serializer: { type: ['string', 'null'], description: 'The format; `yaml` unless given.' },
    formatter: { type: ['string', 'null'], description: 'Another name of `serializer`.' },
    serializer_opts: {
      type: ['object', 'array', 'null'],
      ordered: true,
      description:
        'Options of the format, as a mapping or a list of mappings. YAML: default_flow_style, sort_keys, indent, width, allow_unicode, explicit_start; JSON: indent, sort_keys, ensure_ascii, separators; INI: allow_no_value.',
    },
    deserializer_opts: {
      type: ['object', 'array', 'null'],
      ordered: true,
      description: 'Accepted for Salt trees; nothing about reading needs to be told here.',
    },
    merge_if_exists: {
      type: 'boolean',
      default: false,
      description: 'Merge the data into what the file holds.',
    },
    create: {
      type: 'boolean',
      default: true,
      description: '`false`: do not create the file where it is absent.',
    },
    ...ownerProperties,
    makedirs: makedirsProperty,
    backup: {
      type: ['string', 'boolean', 'null'],
      description:
        'Keep the old file: `minion` (or true) in the store of backups, a text such as `.bak` beside it under that suffix.',
    },
    show_changes: showChangesProperty,
    encoding: {
      type: ['string', 'null'],
      description: 'Encoding of the file; UTF-8 unless given. Also utf-8-sig, utf-16-le, latin-1, ascii.',
    },
    encoding_errors: {
      type: 'string',
      enum: ['strict', 'ignore', 'replace'],
      default: 'strict',
      description: 'What to do with characters the encoding lacks.',
    },
    ...checkProperties,
  },
  examples: [
    {
      title: 'a JSON file',
      sls: `/etc/consul.d/server.json:
  file.serialize:
    - dataset:
        datacenter: east
        server: true
        watches:
        - type: checks
    - serializer: json
    - makedirs: true
`,
    },
    {
      title: 'settings merged into what is there',
      sls: `/etc/app.yaml:
  file.serialize:
    - dataset:
        log:
          level: info
    - merge_if_exists: true
    - mode: '0640'
`,
    },
    {
      title: 'an INI file from the pillar',
      sls: `/etc/app.ini:
  file.serialize:
    - dataset_pillar: app:settings
    - serializer: configparser
`,
      pillar: { app: { settings: { server: { port: 8080 } } } },
    },
  ],
  ownChecks: true,
  owns: ({ name }) => ownedPath('file', name),
  read(args, reader) {
    const there = lookAt(pathOf(args.name, reader), reader, true);
    return {
      there,
      owner: ownerOf(args, reader),
      content: contentOf(args, there, reader),
      parents: there.stat === undefined ? parentsOf(there.path, reader) : undefined,
    };
  },
  plan(args, now): Plan {
    const { there, owner, content } = now;
    const wrong = notAFile(there);
    if (wrong !== undefined) return wrong;
    if (there.stat === undefined && !args.create) {
      return { steps: [], comment: `${there.path} does not exist, and create is false.` };
    }
    if ('refused' in content) return content;
    const parents = now.parents
      ? parentSteps(now.parents, args.makedirs, owner.user === undefined ? {} : owner)
      : [];
    if ('refused' in parents) return parents;
    const steps = writeSteps({
      there,
      content,
      owner,
      backup: backupOf(args.backup),
      check: validatorOf(args.check_cmd),
      showChanges: args.show_changes,
    });
    const warnings =
      args.deserializer_opts && !args.merge_if_exists
        ? ['deserializer_opts means nothing without merge_if_exists: true.']
        : [];
    return { steps: [...parents, ...steps], warnings };
  },
});

/** The bytes the file should hold; those it holds where it holds the data already. */
function contentOf(args: Arguments, there: There, reader: Reader): Buffer | Refusal {
  if (args.serializer && args.formatter)
    return { refused: 'Only one of serializer and formatter can be given.', certain: true };
  const name = (args.serializer || args.formatter || 'yaml').toLowerCase();
  const format = formats.get(name);
  if (format === undefined) {
    return {
      refused: `There is no serializer "${name}".`,
      hint: 'Use yaml, json, configparser or toml.',
      certain: true,
    };
  }
  const data = dataOf(args, reader);
  if (typeof data === 'object' && data !== null && 'refused' in data) return data;
  try {
    const options = optionsOf(args.serializer_opts);
    for (const option of options.keys()) {
      if (!format.options.includes(option)) {
        throw new Unfit(`"${option}" of serializer_opts is not supported for ${name}.`);
      }
    }
    let value: Value = data;
    if (args.merge_if_exists && there.content !== undefined) {
      const existing = format.read(textIn(there.content, args.encoding));
      if (existing !== null) {
        if (!isDict(existing) || !isDict(data)) throw new Unfit('Only mappings can be merged.');
        value = merged(existing, data);
        if (sameData(existing, value)) return there.content;
      }
    }
    const text = format.write(value, options, Boolean(args.encoding));
    return encode(`${text}\n`, args.encoding ?? undefined, args.encoding_errors);
  } catch (error) {
    if (error instanceof Unfit) return { refused: error.message };
    if (!(error instanceof Error)) throw error;
    return {
      refused: `${there.path} cannot be read as ${name}: ${error.message}`,
      hint: 'Correct the file.',
    };
  }
}

function dataOf(args: Arguments, reader: Reader): Value | Refusal {
  const given = args.dataset !== undefined && args.dataset !== null;
  if (given && args.dataset_pillar)
    return { refused: 'Only one of dataset and dataset_pillar can be given.', certain: true };
  if (args.dataset_pillar) {
    const found = reader.pillar(args.dataset_pillar);
    return found ?? { refused: `There is no pillar value "${args.dataset_pillar}".`, certain: true };
  }
  if (!given) return { refused: 'There is no data.', hint: 'Give dataset or dataset_pillar.', certain: true };
  return fromPlain(args.dataset);
}

/** Options as one mapping. Salt: a list of mappings is the same as one mapping of them all. */
function optionsOf(given: unknown): ReadonlyMap<string, Value> {
  const options = new Map<string, Value>();
  if (given === undefined || given === null) return options;
  const value = fromPlain(given);
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!isDict(one)) throw new Unfit('serializer_opts has to be a mapping, or a list of mappings.');
    for (const [key, member] of one as Dict) options.set(keyText(key), member);
  }
  return options;
}

function textIn(content: Buffer, encoding: string | null | undefined): string {
  const name = (encoding ?? '').toLowerCase();
  if (name.startsWith('utf-16')) return content.toString('utf16le');
  if (/latin|8859/.test(name)) return content.toString('latin1');
  if (!isUtf8(content))
    throw new Unfit('What the file holds is not UTF-8, so nothing can be merged into it.');
  return content.toString('utf8').replace(/^\uFEFF/, '');
}
