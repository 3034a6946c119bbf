/** What the states of single settings share: which one it is, and what may be shown of it. */
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import {
  lookForText,
  path,
  type Server,
  type ServerArguments,
  serverOf,
  serverProperties,
  wrong,
} from './_server.ts';

export const settingProperties = {
  name: {
    type: 'string',
    pattern: '^[^/]+/.',
    description: 'Section and key, with a slash between them: `chttpd/require_valid_user`.',
  },
  node: {
    type: 'string',
    minLength: 1,
    default: '_local',
    description: 'The node, such as `couchdb@10.0.0.1`; unless given, the one that is asked.',
  },
  ...serverProperties,
} as const;

export interface Setting {
  readonly server: Server;
  readonly at: string;
  readonly section: string;
  readonly key: string;
  /** Undefined: it is not set. */
  readonly value: string | undefined;
}

export async function lookForSetting(
  args: ServerArguments & { readonly name: string; readonly node: string },
  reader: Reader,
): Promise<Setting | Refusal> {
  const server = serverOf(args, reader);
  if ('refused' in server) return server;
  const slash = args.name.indexOf('/');
  const section = args.name.slice(0, slash);
  const key = args.name.slice(slash + 1);
  if (/[\]\n\r\0]/.test(section) || /[=\n\r\0]/.test(key))
    return wrong(`"${args.name.replaceAll('\n', ' ')}" is no setting: CouchDB could not read it again`);
  const at = path('_node', args.node, '_config', section, key);
  const { status, data } = await lookForText(reader, server, at);
  if (status === 404 && data.reason !== 'unknown_config_value')
    return {
      refused: `CouchDB has ${String(data.reason)}.`,
      hint: 'Check `node`; the node has to be a member.',
    };
  return { server, at, section, key, value: status === 200 ? String(data) : undefined };
}

/** What is shown of a value. */
export function shownValue(
  { section, key }: Pick<Setting, 'section' | 'key'>,
  value: string | undefined,
): string | undefined {
  const isSecret = section === 'admins' || /secret|password|token|cookie|(^|_)key$/i.test(key);
  return isSecret && value !== undefined ? '(hidden)' : value;
}
