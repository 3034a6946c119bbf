/** How often the same may be tried: by address and by account, on each node for itself. */
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from './problems.ts';

const minute = 60;
const hour = 60 * minute;

/** Requests in so many seconds. */
const rates = {
  /** Of one address, whatever they are. */
  requests: [6000, minute],
  /** Wrong passwords from one address. */
  guesses: [30, 10 * minute],
  /** Wrong passwords for one account, from wherever: more, so that nobody is locked out by a single other. */
  guessesOfAccount: [100, 10 * minute],
  /** Registrations from one address. */
  registrations: [20, hour],
  /** Mails that one address asks for. */
  mailsAsked: [20, hour],
  /** Mails to one e-mail address. */
  mails: [5, hour],
  /** Links that one address follows. */
  links: [60, hour],
} as const;

export type Rate = keyof typeof rates;

export class Limits {
  readonly #limiters: { readonly [rate in Rate]: RateLimiterMemory };

  constructor(factor: number) {
    this.#limiters = Object.fromEntries(
      Object.entries(rates).map(([name, [points, duration]]) => [
        name,
        new RateLimiterMemory({ keyPrefix: name, points: points * factor, duration }),
      ]),
    ) as { [rate in Rate]: RateLimiterMemory };
  }

  /** @throws Problem where it is once too often. */
  async count(rate: Rate, key: string): Promise<void> {
    try {
      await this.#limiters[rate].consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw new Problem('too-many', {
        detail: `Try again in ${seconds} seconds.`,
        headers: { 'Retry-After': `${seconds}` },
      });
    }
  }

  /** It turned out not to count. */
  async forget(rate: Rate, key: string): Promise<void> {
    await this.#limiters[rate].reward(key);
  }
}

/** Who has one address of IPv6 has 2^64. */
export function whose(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const parts = head.split(':').filter((part) => part !== '');
  const filled = tail === undefined ? parts : [...parts, '0', '0', '0', '0'];
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address);
  return mapped ? mapped[1]! : `${filled.slice(0, 4).join(':')}::/64`;
}
