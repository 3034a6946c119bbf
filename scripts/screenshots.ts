/** Takes the pictures of the web application for the docs: a real browser, three app nodes and three db nodes, of which one of each is killed. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { install } from '../test/helpers/tools.ts';
import { openPage, startBrowser } from '../test/web/browser.ts';
import { type Platform, startPlatform } from '../test/web/platform.ts';

const folder = join(import.meta.dirname, '../docs/screenshots');
const password = 'a quiet sentence of words';

install({ pngquant: 'pngquant' });
mkdirSync(folder, { recursive: true });
await using made = new AsyncDisposableStack();
const platform = made.use(await startPlatform(3));
const browser = await startBrowser();
made.defer(() => browser.close());

await withPage(async (page) => {
  await page.goto('/register');
  await page.getByLabel('Name').fill('alice');
  await page.getByLabel('E-mail address').fill('alice@example.org');
  await page.getByLabel('Password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.screenshot({ path: join(folder, 'register.png') });
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.goto(await platform.mailbox.link('alice@example.org'));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Welcome, alice.').waitFor();
}, 900);

await withPage(async (page) => {
  await loop(page);
  await page.waitForTimeout(4000);
  await loseNodes(platform);
  await page.getByRole('log').getByText('app1 has fallen silent').waitFor();
  await page.waitForTimeout(3000);
  await page.screenshot({ path: join(folder, 'nodes-die.png'), fullPage: true });
  await platform.apps[0]!.start();
  await platform.dbs[0]!.revive();
  await page.waitForTimeout(5000);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, 'nodes-return-dark.png'), fullPage: true });
}, 1280);

await withPage(async (page) => {
  await signIn(page);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  await page.getByRole('heading', { name: 'Who serves now' }).scrollIntoViewIfNeeded();
  await page.screenshot({ path: join(folder, 'batch-narrow.png') });
}, 360);

execFileSync('pngquant', ['--force', '--ext', '.png', '96', ...globSync(`${folder}/*.png`)]);

async function withPage(act: (page: Page) => Promise<void>, width: number): Promise<void> {
  const viewport = { width, height: 800 };
  await using opened = await openPage(browser, platform.url, { viewport, colorScheme: 'light' });
  await act(opened.page);
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Name').fill('alice');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor();
}

async function loop(page: Page): Promise<void> {
  await signIn(page);
  await page.getByLabel('Loop').check();
  await page.getByLabel('Pause between them, ms').fill('60');
  await page.getByRole('button', { name: 'Start' }).click();
}

async function loseNodes({ apps, dbs }: Platform): Promise<void> {
  apps[0]!.kill();
  await dbs[0]!.die();
}
