/** A real Chromium for tests, whose pages remember what the browser complained of. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const program = '/usr/bin/chromium';

/** Whether this machine has one; as root on Debian the tests' runner sees to it. */
export const hasChromium = existsSync(program);

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, and everything that the policy of the page forbids. */
  readonly complaints: string[];
}

export function startBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ];
  return chromium.launch({ executablePath: program, args });
}

/** In a session of its own: no cookie and nothing remembered of others. */
export async function openPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ baseURL, locale: 'en-GB', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted ?Types?/i.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
