/** The text that a state is given by `source` or inline, perhaps as a template: for states that own a small file. */
import type { Reader } from './host.ts';
import type { Place, Refusal, Step } from './state.ts';
import { type Dict, fromPlain, isDict } from './value.ts';

export const textSourceProperties = {
  source: {
    type: 'string',
    minLength: 1,
    description:
      'Where the text comes from: `salt://` (the file roots), an absolute path or `file://` (this machine), `http://` or `https://`.',
  },
  source_hash: {
    type: 'string',
    description: 'Hash of a source of the web: `sha256=…`, or bare hexadecimal digits.',
  },
  skip_verify: {
    type: 'boolean',
    default: false,
    description: 'Fetch an http(s) source without knowing its hash.',
  },
  template: {
    type: 'string',
    enum: ['jinja'],
    description: 'Render the text as a template before it is used. `jinja` is the one engine there is.',
  },
  context: { type: 'object', ordered: true, description: 'Variables for the template.' },
  defaults: {
    type: 'object',
    ordered: true,
    description: 'Variables for the template, where `context` has none of that name.',
  },
} as const;

export interface TextSourceArguments {
  readonly source?: string;
  readonly source_hash?: string;
  readonly skip_verify?: boolean;
  readonly template?: string;
  readonly context?: unknown;
  readonly defaults?: unknown;
}

export interface SourcedText {
  readonly text: string;
  readonly locate?: Step['locate'];
}

/** Synchronous unless the source lies on the web or the template waits for something. */
export function textFrom(
  args: TextSourceArguments & { readonly contents?: string },
  reader: Reader,
  place: Place,
): SourcedText | Refusal | Promise<SourcedText | Refusal> {
  const { contents, source, source_hash: hash } = args;
  if (contents !== undefined) {
    return rendered(args, { url: 'the contents', content: Buffer.from(contents) }, reader, place);
  }
  if (source === undefined) return { refused: 'No source is given.', certain: true };
  if (!/^https?:/i.test(source)) return used(args, reader.source(source), reader, place);
  if (hash === undefined && !args.skip_verify) {
    return {
      refused: `The source ${source} comes from the web and has no source_hash.`,
      hint: 'Set source_hash to its sha256 sum, or skip_verify: true to take whatever is there.',
      certain: true,
    };
  }
  return reader.fetch(source, hash).then((found) => used(args, found, reader, place));
}

function used(
  args: TextSourceArguments,
  found: ReturnType<Reader['source']>,
  reader: Reader,
  place: Place,
): SourcedText | Refusal | Promise<SourcedText | Refusal> {
  if ('missing' in found) return { refused: `${found.missing}.`, ...(found.hint && { hint: found.hint }) };
  return rendered(args, found, reader, place);
}

function rendered(
  args: TextSourceArguments,
  source: Exclude<ReturnType<Reader['source']>, { missing: string }>,
  reader: Reader,
  { id, sls }: Place,
): SourcedText | Promise<SourcedText> {
  const { file } = source;
  if (args.template === undefined) {
    const locate: Step['locate'] = file === undefined ? undefined : (line) => ({ file, line, column: 1 });
    return { text: source.content.toString('utf8'), ...(locate && { locate }) };
  }
  const context = new Map([...dictOf(args.defaults), ...dictOf(args.context)]);
  const output = reader.render({ engine: args.template, source, context, id, sls });
  function located(one: Awaited<typeof output>): SourcedText {
    return { text: one.text, locate: (line) => one.place(line) };
  }
  return output instanceof Promise ? output.then(located) : located(output);
}

function dictOf(value: unknown): Dict {
  const dict = fromPlain(value);
  return isDict(dict) ? dict : new Map();
}
