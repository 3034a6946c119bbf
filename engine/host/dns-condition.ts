/** Says why records were not changed: because of others of the same name. */
import type { DnsCondition } from '../core/dns.ts';
import type { Failed } from '../core/host.ts';
import { failed } from './trouble.ts';

/** RFC 2181, 10.1: beside an alias there is nothing else. Which of several conditions it was, nameservers do not tell. */
export function unmetCondition(conditions: readonly DnsCondition[]): Failed {
  const names = [...new Set(conditions.map(({ name }) => name))].join(' or ');
  return conditions.some(({ type }) => type === undefined)
    ? failed(
        `${names} has other records, beside which there can be no CNAME record.`,
        'Remove them first, by dns.record_absent, or choose another name.',
      )
    : failed(
        `${names} is an alias (CNAME), beside which there can be no other record.`,
        'Remove it first, by dns.record_absent, or choose another name.',
      );
}
