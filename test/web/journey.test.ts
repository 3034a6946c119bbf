import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, type Opened, openPage, startBrowser } from './browser.ts';
import {
  confirm,
  fetchThousand,
  goesOn,
  heading,
  password,
  register,
  signIn,
  startLoop,
  stop,
  told,
} from './journey.ts';
import { type Platform, startPlatform } from './platform.ts';

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

  it('begins with registering', async () => {
    await register(page, 'alice', 'alice@example.org');
  });

  it('goes on by the link in the mail, which does nothing before its button is pressed', async () => {
    await confirm(page, platform.mailbox, 'alice', 'alice@example.org');
    expect(platform.mailbox.mails).to.have.length(1);
  });

  it('signs in, and stays so when the page is loaded again', async () => {
    await signIn(page, 'alice');
    await page.reload();
    await heading(page, 'Cluster');
  });

  it('fetches a thousand uuids, and sees all app nodes at it', async () => {
    expect(await fetchThousand(page)).to.deep.equal(['app1', 'app2', 'app3']);
    await page.getByText('1,000 uuids of 100 requests').waitFor();
  });

  it('goes on when an app node and a db node are killed in the middle, without signing in again', async () => {
    await startLoop(page, 5);
    await page.getByRole('row', { name: 'app1' }).waitFor();
    platform.apps[0]!.kill();
    await platform.dbs[0]!.die();
    await told(page, 'app1 has fallen silent');
    await goesOn(page);

    await platform.apps[0]!.start();
    await platform.dbs[0]!.revive();
    await told(page, 'app1 is back.');
    await stop(page);
    await heading(page, 'Cluster');
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
    await heading(page, 'Cluster');
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
