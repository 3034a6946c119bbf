/** A real Chromium for tests, whose pages remember what the browser complained of. */
import { existsSync, writeFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { temporaryFolder } from '../helpers/folders.ts';

const program = '/usr/bin/chromium';

/** Whether this machine has one; as root on Debian the tests' runner sees to it. */
export const hasChromium = existsSync(program);

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, and everything that the policy of the page forbids. */
  readonly complaints: string[];
}

export interface BrowserOptions {
  /** A network namespace that it runs in: a file below /run/netns. */
  readonly network?: string;
  readonly args?: readonly string[];
}

export async function startBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    ...(options.args ?? []),
  ];
  if (options.network === undefined) return await chromium.launch({ executablePath: program, args });
  await using folder = temporaryFolder();
  const entrance = `${folder.path}/chromium`;
  writeFileSync(entrance, `#!/bin/sh\nexec nsenter --net=${options.network} ${program} "$@"\n`, {
    mode: 0o755,
  });
  return await chromium.launch({ executablePath: entrance, args });
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
