import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, type Opened, openPage, startBrowser } from './browser.ts';
import { type Platform, startPlatform } from './platform.ts';

const password = 'a quiet sentence of words';

/** A number of the table of nodes or of the figures, as text: `1,000`. */
function figure(page: Page, label: string): Promise<string | null> {
  return page.locator('.tiles div', { hasText: label }).locator('dd').textContent();
}

describe('web: a journey in a real browser (needs Chromium: /usr/bin/chromium)', function () {
  this.timeout(60_000);
  let platform: Platform;
  let browser: Browser;
  let opened: Opened;
  let page: Page;

  before(async function () {
    if (!hasChromium) this.skip();
    [platform, browser] = await Promise.all([startPlatform(3), startBrowser()]);
    opened = await openPage(browser, platform.url, { viewport: { width: 1280, height: 900 } });
    page = opened.page;
  });

  after(async () => {
    await browser?.close();
    await platform?.[Symbol.asyncDispose]();
  });

  afterEach(() => {
    expect(opened.complaints.splice(0)).to.deep.equal([]);
  });

  function heading(name: string) {
    return page.getByRole('heading', { level: 1, name }).waitFor();
  }

  it('begins with registering', async () => {
    await page.goto('/');
    await heading('Sign in');
    await page.getByRole('link', { name: 'Register' }).first().click();
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('E-mail address').fill('alice@example.org');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByText('A mail is on its way to alice@example.org.').waitFor();
  });

  it('goes on by the link in the mail, which does nothing before its button is pressed', async () => {
    await page.goto(await platform.mailbox.link('alice@example.org'));
    await heading('Confirm your account');
    expect(platform.mailbox.mails).to.have.length(1);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Welcome, alice.').waitFor();
    expect(new URL(page.url()).hash).to.equal('');
  });

  it('signs in, and stays so when the page is loaded again', async () => {
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading('Cluster');
    await page.reload();
    await heading('Cluster');
  });

  it('fetches a thousand uuids, and sees all app nodes at it', async () => {
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Start' }).waitFor();
    expect(await figure(page, 'Uuids')).to.equal('1,000');
    const nodes = page.getByRole('table', { name: 'Nodes' });
    for (const { name } of platform.apps) await nodes.getByRole('row', { name }).waitFor();
    const flow = await page
      .getByRole('img', { name: /^Shares of the last seconds/ })
      .getAttribute('aria-label');
    expect(flow).to.match(/app1 \d+ %, app2 \d+ %, app3 \d+ %/);
    await page.getByText('1,000 uuids of 100 requests').waitFor();
  });

  it('goes on when an app node and a db node are killed in the middle, without signing in again', async () => {
    await page.getByLabel('Loop').check();
    await page.getByLabel('Pause between them, ms').fill('5');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('row', { name: 'app1' }).waitFor();
    platform.apps[0]!.kill();
    await platform.dbs[0]!.die();
    const happened = page.getByRole('log');
    await happened.getByText('app1 has fallen silent').waitFor();
    const count = await figure(page, 'Uuids');
    await page.locator('.tiles dd').first().filter({ hasNotText: count! }).waitFor();

    await platform.apps[0]!.start();
    await platform.dbs[0]!.revive();
    await happened.getByText('app1 is back.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await heading('Cluster');
  });

  it('changes the password, and the e-mail address by another mail', async () => {
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('alice@example.org').waitFor();
    const forms = page.locator('main section');
    const change = forms.filter({ has: page.getByRole('button', { name: 'Change password' }) });
    await change.getByLabel('Present password', { exact: true }).fill('not this one');
    await change.getByLabel('New password', { exact: true }).fill('another quiet sentence');
    await change.getByRole('button', { name: 'Change password' }).click();
    const field = change.getByRole('textbox', { name: 'Present password' });
    await change.locator('input[name=current][aria-invalid=true]:focus').waitFor();
    await field.fill(password);
    await change.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed.').waitFor();

    const address = forms.filter({ has: page.getByRole('button', { name: 'Change address' }) });
    await address.getByLabel('New e-mail address').fill('alice@example.net');
    await address.getByLabel('Password', { exact: true }).fill('another quiet sentence');
    await address.getByRole('button', { name: 'Change address' }).click();
    await page.goto(await platform.mailbox.link('alice@example.net'));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Your e-mail address is alice@example.net now.').waitFor();
    await page.getByRole('definition').filter({ hasText: 'alice@example.net' }).waitFor();
  });

  it('signs out, and gets in again by a forgotten password', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.getByRole('link', { name: 'Forgotten your password?' }).click();
    const since = platform.mailbox.mails.length;
    await page.getByLabel('E-mail address').fill('alice@example.net');
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await page.getByText('If alice@example.net belongs to an account').waitFor();
    await page.goto(await platform.mailbox.link('alice@example.net', since));
    await page.getByLabel('Password', { exact: true }).fill('the third of the sentences');
    await page.getByRole('button', { name: 'Set this password' }).click();
    await page.getByText('The password of alice is changed.').waitFor();
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password', { exact: true }).fill('the third of the sentences');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading('Cluster');
  });

  it('ends with the account', async () => {
    await page.getByRole('link', { name: 'Account' }).click();
    const end = page
      .locator('section')
      .filter({ has: page.getByRole('button', { name: 'Delete my account' }) });
    await end.getByLabel('Password', { exact: true }).fill('the third of the sentences');
    await end.getByRole('button', { name: 'Delete my account' }).click();
    await page.getByText('Your account and everything in it is gone.').waitFor();
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password', { exact: true }).fill('the third of the sentences');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
  });
});
