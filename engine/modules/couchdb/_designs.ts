/** What the states of design documents share. */
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { serverWith } from './_databases.ts';
import { look, path, type Server, type ServerArguments, serverProperties, wrong } from './_server.ts';

export type Doc = { readonly [key: string]: unknown };

export const designProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'The name of the design document, with or without `_design/`.',
  },
  database: { type: 'string', minLength: 1, description: 'The database it is in.' },
  ...serverProperties,
} as const;

export interface Design {
  readonly server: Server;
  /** Its path. */
  readonly at: string;
  readonly id: string;
  readonly doc: Doc | undefined;
}

export async function lookForDesign(
  args: ServerArguments & { readonly name: string; readonly database: string },
  reader: Reader,
): Promise<Design | Refusal> {
  const short = args.name.replace(/^_design\//, '');
  if (short === '') return wrong(`"${args.name}" is no name of a design document`);
  const server = await serverWith(args, args.database, reader);
  if ('refused' in server) return server;
  const at = `${path(args.database)}/_design${path(short)}`;
  const { status, data } = await look(reader, server, `${at}?conflicts=true`);
  return { server, at, id: `_design/${short}`, doc: status === 200 ? data : undefined };
}
