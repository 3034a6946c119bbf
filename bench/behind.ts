/** What is behind the API while that is measured: the store of the tests, and somebody who is signed in. */
import { settle, startPlatform } from '../test/helpers/api.ts';
import { begin, type Program } from './programs.ts';

export interface Behind {
  readonly program: Program;
  /** Of the administrator. */
  readonly authorization: string;
  readonly session: { readonly Cookie: string; readonly 'C-Token': string };
  /** A process of the API, over it. */
  startApi(): Promise<Program>;
}

/** In a process of its own, so that what it uses of a core is known. */
export async function startBehind(): Promise<Behind> {
  // Of a real CouchDB nobody here can tell what it uses.
  const program = await begin([import.meta.filename], { COUCHDB_URL: undefined });
  const { members, session } = JSON.parse(program.said);
  const env = {
    API_PORT: '0',
    API_LOG: 'off',
    API_LIMITS: '1000000',
    API_SECRET: 'a secret of these tests that is long enough',
    COUCHDB_MEMBERS: members.join(),
    COUCHDB_PASSWORD: 'secret',
    STATE_DIRECTORY: '/tmp',
  };
  const authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
  return { program, authorization, session, startApi: () => begin(['server.ts'], env) };
}

async function main(): Promise<void> {
  // Sessions that outlast the measuring.
  const platform = await startPlatform(1, {}, 3, { chttpd_auth: { timeout: '36000' } });
  const anna = await settle(platform, 'anna');
  const members = platform.databases.urls;
  const session = { Cookie: anna.cookieLine(), 'C-Token': anna.token };
  console.log(JSON.stringify({ port: Number(new URL(members[0]!).port), members, session }));
}

if (import.meta.main) await main();
