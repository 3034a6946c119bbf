/** Records of zones at Cloudflare: finds the zone, reads, and changes in one transaction, by version 4 of their API. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DnsCondition, DnsEffect, DnsRecord, DnsService, RecordQuery, Records } from '../core/dns.ts';
import { sameRecord } from '../core/dns.ts';
import { canonicalData, type RecordType, recordTypes, textData, textOf } from '../core/dns-data.ts';
import { HostTrouble, type Performed } from '../core/host.ts';
import type { DnsMeans } from './dns.ts';
import { unmetCondition } from './dns-condition.ts';
import { trustAsMachine } from './trust.ts';

type Cloudflare = Extract<DnsService, { provider: 'cloudflare' }>;

const home = 'https://api.cloudflare.com/client/v4';
/** So many that one page usually holds all there is of a name. */
const perPage = 1000;
const attempts = 8;
/** Seconds. Who is told to come back later than that had better fail now. */
const longestPause = 60;
const requestTimeout = 30;

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
interface ApiRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly priority?: number;
  readonly ttl: number;
  readonly proxied?: boolean;
  readonly data?: { readonly [field: string]: unknown };
}

interface ApiAnswer {
  readonly success?: boolean;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
  readonly result?: unknown;
  readonly result_info?: { readonly page?: number; readonly total_pages?: number };
}

interface KeptRecord extends DnsRecord {
  readonly id: string;
}

export async function readRecords(
  query: RecordQuery & { service: Cloudflare },
  means: DnsMeans,
): Promise<Records> {
  const { service, name, type } = query;
  const zone = await findZone(service, query.zone, name, means);
  const all = await listRecords(service, zone.id, name, means);
  const records = all.filter((record) => record.type === type || record.type === 'CNAME');
  return { zone: zone.name, records: records.map(({ id: _, ...record }) => record) };
}

interface Zone {
  readonly id: string;
  readonly name: string;
}

async function findZone(
  service: Cloudflare,
  given: string | undefined,
  name: string,
  means: DnsMeans,
): Promise<Zone> {
  const labels = name.split('.');
  const candidates = given ? [given] : labels.slice(0, -1).map((_, from) => labels.slice(from).join('.'));
  for (const candidate of candidates) {
    const key = JSON.stringify([service, candidate]);
    const known = means.zoneIds.get(key);
    if (known !== undefined) return { id: known, name: candidate };
    const found = (await callForAll(service, `zones?name=${encodeURIComponent(candidate)}`, means)) as Zone[];
    const zone = found.find((one) => one.name === candidate && typeof one.id === 'string');
    if (zone === undefined) continue;
    means.zoneIds.set(key, zone.id);
    return { id: zone.id, name: candidate };
  }
  throw new HostTrouble(
    given
      ? `Cloudflare shows no zone ${given} to this token.`
      : `Cloudflare shows no zone to this token in which ${name} could be.`,
    'Check the name, and that the token may read the zone (Zone: Read) and edit its records (DNS: Edit).',
  );
}

/** All records of a name, of the types that are known here. */
async function listRecords(
  service: Cloudflare,
  zone: string,
  name: string,
  means: DnsMeans,
): Promise<KeptRecord[]> {
  const path = `zones/${encodeURIComponent(zone)}/dns_records?name.exact=${encodeURIComponent(name)}`;
  const found = (await callForAll(service, path, means)) as ApiRecord[];
  return found.flatMap((record) => {
    const type = recordTypes.find((one) => one === record.type);
    const data = type && dataOf(type, record);
    if (type === undefined || data === undefined || record.name.toLowerCase() !== name) return [];
    const proxied = record.proxied === undefined ? {} : { proxied: record.proxied };
    return [{ id: record.id, name, type, ttl: record.ttl, data, ...proxied }];
  });
}

function dataOf(type: RecordType, { content = '', priority, data = {} }: ApiRecord): string | undefined {
  switch (type) {
    case 'MX':
      return `${priority ?? 0} ${content}`;
    case 'SRV':
      return 'target' in data
        ? `${data['priority'] ?? priority ?? 0} ${data['weight']} ${data['port']} ${data['target']}`
        : `${priority ?? 0} ${content}`;
    case 'CAA':
      return 'tag' in data
        ? `${data['flags']} ${data['tag']} ${textData([Buffer.from(String(data['value']))])}`
        : content;
    case 'TXT':
      // Older records are kept without quotes.
      return content.startsWith('"') ? content : textData([Buffer.from(content)]);
    default:
      return content;
  }
}

function bodyOf({ name, type, ttl, data, proxied }: DnsRecord): object {
  const words = (canonicalData(type, data) ?? data).split(' ');
  const common = { type, name, ttl: proxied ? 1 : ttl, ...(proxied === undefined ? {} : { proxied }) };
  switch (type) {
    case 'MX':
      return { ...common, priority: Number(words[0]), content: words[1] };
    case 'SRV': {
      const [priority, weight, port, target] = words;
      return {
        ...common,
        data: { priority: Number(priority), weight: Number(weight), port: Number(port), target },
      };
    }
    case 'CAA': {
      const [flags, tag, ...value] = words;
      return { ...common, data: { flags: Number(flags), tag, value: textOf(value.join(' ')) } };
    }
    default:
      return { ...common, content: words.join(' ') };
  }
}

interface Batch {
  readonly deletes: readonly { readonly id: string }[];
  readonly patches: readonly object[];
  readonly posts: readonly object[];
}

/**
 * An answer that is lost, or somebody who is quicker, makes it look anew: so what was done is not done twice, and what was
 * not is.
 */
export async function changeRecords(
  effect: DnsEffect & { service: Cloudflare },
  means: DnsMeans,
): Promise<Performed> {
  const { service, zone, add, remove, conditions = [] } = effect;
  const { id } = await findZone(service, zone, zone, means);
  const names = new Set([...add, ...remove, ...conditions].map(({ name }) => name));
  let trouble: Answer | undefined;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const present: KeptRecord[] = [];
    for (const name of names) present.push(...(await listRecords(service, id, name, means)));
    const batch = batchOf(effect, present);
    if (Object.values(batch).every(({ length }) => length === 0)) return { became: 'done' };
    const unmet = conditions.filter((condition) => !isMet(condition, present));
    if (unmet.length > 0) return unmetCondition(unmet);
    const path = `zones/${encodeURIComponent(id)}/dns_records/batch`;
    trouble = await send(service, path, 'POST', batch);
    if (trouble.good) return { became: 'done' };
    if (!trouble.passing && !trouble.codes.some((code) => crossed.includes(code))) break;
    if (!(await waits(trouble, attempt, means))) break;
  }
  throw refusal(trouble!);
}

/** "An identical record already exists", "a record with those settings already exists", "record does not exist". */
const crossed: readonly number[] = [81_044, 81_057, 81_058];

function batchOf({ add, remove }: DnsEffect, present: readonly KeptRecord[]): Batch {
  const found = (wanted: DnsRecord) => present.find((record) => sameRecord(record, wanted));
  const gone = present.filter(
    (record) => remove.some((one) => sameRecord(one, record)) && !add.some((one) => sameRecord(one, record)),
  );
  return {
    deletes: gone.map(({ id }) => ({ id })),
    patches: add.flatMap((record) => {
      const old = found(record);
      if (old === undefined || isLike(old, record)) return [];
      const proxied = record.proxied ?? old.proxied;
      return [{ id: old.id, ttl: proxied ? 1 : record.ttl, ...(proxied === undefined ? {} : { proxied }) }];
    }),
    posts: add.filter((record) => found(record) === undefined).map(bodyOf),
  };
}

/** What is proxied has a TTL of Cloudflare's own. Whether it is stays as it is where nothing is said of it. */
function isLike(old: DnsRecord, { ttl, proxied = old.proxied ?? false }: DnsRecord): boolean {
  return proxied === (old.proxied ?? false) && (proxied || old.ttl === ttl);
}

function isMet({ name, type }: DnsCondition, present: readonly DnsRecord[]): boolean {
  return !present.some((record) => record.name === name && (type === undefined || record.type === type));
}

interface Answer {
  readonly good: boolean;
  /** It may well go better in a while. */
  readonly passing: boolean;
  /** Seconds that the server wants to be left in peace. */
  readonly pause?: number;
  readonly codes: readonly number[];
  /** What is wrong, as a phrase. */
  readonly said: string;
  readonly status: number;
  readonly body: ApiAnswer;
}

/**
 * The results of all pages. While somebody adds and removes records what stands on a later page may move to one that was
 * read already, so more than one page is read until that gives the same twice.
 */
async function callForAll(service: Cloudflare, path: string, means: DnsMeans): Promise<unknown[]> {
  let before = '';
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const pages = await readPages(service, path, means);
    const now = JSON.stringify(pages);
    if (pages.length === 1 || now === before) return pages.flat();
    before = now;
    if (attempt > 1) await waits({}, attempt, means);
  }
  throw new HostTrouble('Cloudflare tells something else each time it is asked.', 'Run it again later.');
}

async function readPages(service: Cloudflare, path: string, means: DnsMeans): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  for (let last = 1; pages.length < last; ) {
    const page = `per_page=${perPage}&page=${pages.length + 1}`;
    const { result, result_info } = await call(service, `${path}&${page}`, means);
    if (!Array.isArray(result)) throw new HostTrouble('Cloudflare answered with something that is no list.');
    pages.push(result);
    last = result_info?.total_pages ?? 1;
  }
  return pages;
}

async function call(service: Cloudflare, path: string, means: DnsMeans): Promise<ApiAnswer> {
  const { url = home } = service;
  // Many states should not wait in vain for each.
  const most = means.silent.has(url) ? 2 : attempts;
  for (let attempt = 1; ; attempt++) {
    const answer = await send(service, path, 'GET');
    if (!answer.passing) means.silent.delete(url);
    if (answer.good) return answer.body;
    if (answer.passing && attempt < most && (await waits(answer, attempt, means))) continue;
    if (answer.passing) means.silent.add(url);
    throw refusal(answer);
  }
}

async function send(
  { token, url = home }: Cloudflare,
  path: string,
  method: 'GET' | 'POST',
  content?: object,
): Promise<Answer> {
  const none = { good: false, passing: true, codes: [], status: 0, body: {} };
  if (url.startsWith('https:')) trustAsMachine();
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeout * 1000),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    const { status } = response;
    const body = parsed(await response.text());
    const errors = body.errors ?? [];
    const after = Number(response.headers.get('retry-after') ?? Number.NaN);
    const said = errors.map(({ code, message = '' }) => `${message.replace(/\.$/, '')} (${code})`).join('; ');
    return {
      good: response.ok && body.success === true,
      passing: status === 429 || status >= 500 || (response.ok && body.success === undefined),
      ...(Number.isFinite(after) && after >= 0 ? { pause: after } : {}),
      codes: errors.flatMap(({ code }) => code ?? []),
      said: said || `HTTP status ${status}`,
      status,
      body,
    };
  } catch (error) {
    // Of a failed fetch the cause tells what happened, and nothing of what was sent.
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return { ...none, said: name === 'TimeoutError' ? 'no answer' : (cause?.code ?? 'no connection') };
  }
}

function parsed(text: string): ApiAnswer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Longer from attempt to attempt, and never all nodes at once. False where there is no point in waiting. */
async function waits(
  { pause: asked }: Pick<Answer, 'pause'>,
  attempt: number,
  means: DnsMeans,
): Promise<boolean> {
  const longer = (means.first / 8) * 2 ** attempt * (0.5 + Math.random());
  const seconds = Math.max(asked ?? 0, Math.min(longer, longestPause));
  if (seconds > longestPause || means.stoppedBy?.() !== undefined) return false;
  await pause(seconds * 1000);
  return means.stoppedBy?.() === undefined;
}

function refusal({ status, said, passing, pause: seconds }: Answer): HostTrouble {
  if (status === 0)
    return new HostTrouble(`Cloudflare cannot be reached: ${said}.`, 'Check the way to api.cloudflare.com.');
  if (status === 429) {
    const when = seconds === undefined ? '' : ` for another ${seconds} seconds`;
    return new HostTrouble(
      `Cloudflare takes no more requests by this token${when}: ${said}.`,
      'Its limit is 1200 requests in five minutes, of all who use the token.',
    );
  }
  if (passing) return new HostTrouble(`Cloudflare has trouble of its own: ${said}.`, 'Run it again later.');
  const hint =
    status === 401 || status === 403
      ? 'Check the token: it needs Zone: Read and DNS: Edit for the zone, and must not have expired.'
      : undefined;
  return new HostTrouble(`Cloudflare refuses: ${said}.`, hint);
}
