/** Values of records as users write them. */
import { canonicalData, type RecordType, textData } from '../../core/dns-data.ts';
import { wrong } from '../../core/dns-service.ts';
import type { Refusal } from '../../core/state.ts';

/** All of them as zone files have them, in the spelling by which they are compared, each once. */
export function valuesOf(type: RecordType, values: readonly string[]): readonly string[] | Refusal {
  const data = new Set<string>();
  for (const value of values) {
    const one = dataOf(type, value);
    if (one === undefined) return wrong(`"${value}" is no value of ${type} records`, formats[type]);
    data.add(one);
  }
  return [...data];
}

/** Bytes that a TXT record can have, so that several of them fit into a message. */
const longestText = 16_384;

function dataOf(type: RecordType, value: string): string | undefined {
  if (type === 'TXT') {
    const bytes = Buffer.from(value);
    return bytes.length > longestText ? undefined : textData([bytes]);
  }
  const data = canonicalData(type, value);
  // What needs escapes is no name that anybody meant, but for the text of a CAA record.
  return type !== 'CAA' && data?.includes('\\') ? undefined : data;
}

const formats: { readonly [type in RecordType]: string } = {
  A: 'It is an IPv4 address.',
  AAAA: 'It is an IPv6 address.',
  CAA: 'It is a flag, a tag and a quoted text: 0 issue "letsencrypt.org".',
  CNAME: 'It is a full domain name.',
  MX: 'It is a preference and a full domain name: 10 mail.example.org.',
  NS: 'It is a full domain name.',
  SRV: 'It is priority, weight, port and a full domain name: 10 5 443 node.example.org.',
  TXT: 'It is a text of up to 16 KiB.',
};
