/** What users do in the web application, step by step, wherever it is served. */
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import type { Mails } from '../helpers/mailbox.ts';

export const password = 'a quiet sentence of words';

export function heading(page: Page, name: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name }).waitFor();
}

export async function register(page: Page, name: string, email: string): Promise<void> {
  await page.goto('/');
  await heading(page, 'Sign in');
  await page.getByRole('link', { name: 'Register' }).first().click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();
}

/** The link does nothing before its button is pressed. */
export async function confirm(page: Page, mailbox: Pick<Mails, 'link'>, name: string, email: string) {
  await page.goto(await mailbox.link(email));
  await heading(page, 'Confirm your account');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText(`Welcome, ${name}.`).waitFor();
  expect(new URL(page.url()).hash).to.equal('');
}

/** In the form that is shown. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await heading(page, 'Cluster');
}

/** A figure of the view of the cluster: `1,000`. */
export function figure(page: Page, label: string): Locator {
  return page.locator('.tiles div', { hasText: label }).locator('dd');
}

/** A batch as it is offered. Returns the app nodes that have served it, as the charts tell. */
export async function fetchThousand(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  expect(await figure(page, 'Uuids').textContent()).to.equal('1,000');
  const flow = await page
    .getByRole('img', { name: /^Shares of the last seconds/ })
    .getAttribute('aria-label');
  const apps = [...flow!.matchAll(/\b(app\d+) \d+ %/g)].map(([, name]) => name!);
  const nodes = page.getByRole('table', { name: 'Nodes' });
  for (const name of apps) await nodes.getByRole('row', { name }).waitFor();
  return apps;
}

/** Asks on and on, with so many milliseconds between an answer and the next request; what is shown is of this asking then. */
export async function startLoop(page: Page, pause: number): Promise<void> {
  await page.getByLabel('Loop').check();
  await page.getByLabel('Pause between them, ms').fill(String(pause));
  await page.getByRole('button', { name: 'Start' }).click();
  await goesOn(page);
}

export async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
}

/** Waits until more uuids have come than there are now. */
export async function goesOn(page: Page): Promise<void> {
  const uuids = figure(page, 'Uuids');
  await uuids.filter({ hasNotText: (await uuids.textContent())! }).waitFor();
}

/** Waits until the log of the view of the cluster tells something. */
export function told(page: Page, text: string | RegExp): Promise<void> {
  return page.getByRole('log').getByText(text).waitFor();
}
