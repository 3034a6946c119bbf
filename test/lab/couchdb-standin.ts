/** In place of CouchDB on a node of the lab: the double, named and configured by the files that CouchDB would read. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { iniText, parseIni } from '../../engine/modules/couchdb/_ini.ts';
import type { CouchNode } from '../helpers/couchdb/cluster.ts';
import { startMember } from '../helpers/couchdb/member.ts';

const folder = '/opt/couchdb';
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');

/** What counts less than the last file, in which all is kept that is set by requests. */
let given: CouchNode['config'];
let own: string;
const config = reread();
if ((config.get('admins')?.size ?? 0) === 0) throw new Error('No Admin Account Found, aborting startup.');

const flags = read('etc/vm.args');
const flag = (pattern: RegExp) => pattern.exec(flags)?.[1];
const setting = (section: string, key: string) => config.get(section)?.get(key);
const uuid = setting('couchdb', 'uuid');
await startMember({
  name: flag(/^-name (\S+)$/m)!,
  cookie: read('.erlang.cookie'),
  config,
  ...(uuid ? { uuid } : {}),
  folder: setting('couchdb', 'database_dir') ?? `${folder}/data`,
  host: setting('chttpd', 'bind_address') ?? '127.0.0.1',
  port: Number(setting('chttpd', 'port') ?? 5984),
  distribution: {
    host: flag(/inet_dist_use_interface \{([\d,]+)\}/)?.replaceAll(',', '.') ?? '0.0.0.0',
    port: Number(flag(/^-erl_epmd_port (\d+)$/m) ?? 9100),
  },
  onConfigured: keep,
  reread,
  log: console.error,
});
console.log('Apache CouchDB has started.');

function reread(): CouchNode['config'] {
  const files = readdirSync(`${folder}/etc/local.d`)
    .filter((name) => name.endsWith('.ini'))
    .sort()
    .map((name) => `etc/local.d/${name}`);
  own = files.at(-1)!;
  given = settingsOf(files.slice(0, -1));
  return settingsOf(files);
}

function settingsOf(names: readonly string[]): CouchNode['config'] {
  const settings: CouchNode['config'] = new Map();
  for (const [section, keys] of names.flatMap((name) => [...parseIni(read(name))]))
    settings.set(section, new Map([...(settings.get(section) ?? []), ...keys]));
  return settings;
}

function keep(now: CouchNode['config']): void {
  const changed = [...now].map(([section, keys]) => {
    const before = given.get(section);
    return [section, new Map([...keys].filter(([key, value]) => before?.get(key) !== value))] as const;
  });
  writeFileSync(`${folder}/${own}`, iniText(new Map(changed.filter(([, keys]) => keys.size > 0))));
}
