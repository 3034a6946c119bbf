/** A record as Cloudflare's API has it, and back. */
import type { DnsRecord } from '../core/dns.ts';
import { canonicalData, quoted, type RecordType, textData, textOf } from '../core/dns-data.ts';

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
export interface ApiRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content?: string;
  readonly priority?: number;
  readonly ttl: number;
  readonly proxied?: boolean;
  readonly data?: { readonly [field: string]: unknown };
}

/** The data as in a zone file. */
export function dataOf(type: RecordType, { content = '', priority, data = {} }: ApiRecord): string {
  switch (type) {
    case 'MX':
      return `${priority ?? 0} ${content}`;
    case 'SRV':
      return 'target' in data
        ? `${data['priority'] ?? priority ?? 0} ${data['weight']} ${data['port']} ${data['target']}`
        : `${priority ?? 0} ${content}`;
    case 'CAA':
      return 'tag' in data
        ? `${data['flags']} ${data['tag']} ${quoted(Buffer.from(String(data['value'])))}`
        : content;
    case 'TXT':
      // Older records are kept without quotes.
      return content.startsWith('"') ? content : textData([Buffer.from(content)]);
    default:
      return content;
  }
}

export function bodyOf({ name, type, ttl, data, proxied }: DnsRecord): object {
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
