/** Somebody uses the web application of the cluster in a real browser, from outside, while nodes die. */
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Mails } from '../../helpers/mailbox.ts';
import { hasChromium, type Opened, openPage, startBrowser } from '../../web/browser.ts';
import * as journey from '../../web/journey.ts';
import { zone } from '../nameservers.ts';
import type { Cluster } from './cluster.ts';
import { takeMails } from './mail.ts';
import { announcedBy, floating } from './router.ts';

const url = `https://${zone}`;
const email = 'alice@example.org';
const apps = ['app1', 'app2', 'app3'];

/** A file for a picture of the moment after the nodes have died. */
const picture = process.env['CONVERGE_PICTURE'];

/** By chance that many windows do. */
const mostWindows = 30;

export function describeJourney(cluster: () => Cluster): void {
  describe('seen in a real browser through the floating address (needs Chromium: /usr/bin/chromium)', () => {
    /** Over HTTP/2 all requests take one connection, and so go to one app node; over HTTP/1.1 there are six. */
    let one: Browser;
    let six: Browser;
    let mails: Mails;
    /** The cookies of the only signing in. */
    let session: BrowserContextOptions['storageState'];
    const windows: Opened[] = [];

    before(async function () {
      if (!hasChromium) this.skip();
      const { upstream, authority } = cluster();
      await announcedBy(upstream, apps.length);
      mails = await takeMails(authority);
      const { network } = await cluster().visitor();
      const options = { network, args: [`--host-resolver-rules=MAP * ${floating}`] };
      [one, six] = await Promise.all([
        startBrowser(options),
        startBrowser({ ...options, args: [...options.args, '--disable-http2'] }),
      ]);
    });

    after(() => Promise.all([one, six].map((browser) => browser?.close())));

    afterEach(() => {
      for (const { complaints } of windows) expect(complaints.splice(0)).to.deep.equal([]);
    });

    /** Its certificates are of an authority that no browser knows: the load has seen to whose they are. */
    async function open(browser: Browser): Promise<Opened> {
      const options = {
        ignoreHTTPSErrors: true,
        viewport: { width: 1280, height: 800 },
        storageState: session,
      };
      const opened = await openPage(browser, url, options);
      // A request that a dead node has taken is given up after ten seconds.
      opened.page.setDefaultTimeout(45_000);
      windows.push(opened);
      return opened;
    }

    /**
     * The router chooses by connection, so windows of the session are opened until these nodes serve one: a batch first,
     * then on and on. Without a pause all six connections are in use.
     */
    async function openOn(browser: Browser, wanted: readonly string[], pause: number): Promise<Opened> {
      const seen: string[] = [];
      while (seen.length < mostWindows) {
        const opened = await open(browser);
        const { page } = opened;
        await page.goto('/');
        await journey.heading(page, 'Cluster');
        await page.getByLabel('Requests at a time').fill('6');
        const serving = await journey.fetchThousand(page);
        if (wanted.every((name) => serving.includes(name))) {
          await journey.startLoop(page, pause);
          const rows = wanted.map((name) => page.getByRole('row', { name }).waitFor({ timeout: 5000 }));
          const areThere = await Promise.allSettled(rows);
          if (areThere.every(({ status }) => status === 'fulfilled')) return opened;
        }
        seen.push(serving.join());
        await opened[Symbol.asyncDispose]();
      }
      throw new Error(`No window is served by ${wanted}: ${seen.join('; ')}`);
    }

    it('somebody registers, and the mail comes by TLS', async () => {
      const { page } = await open(one);
      await journey.register(page, 'alice', email);
      await journey.confirm(page, mails, 'alice', email);
      expect(mails.mails.map(({ to, secure }) => ({ to, secure }))).to.deep.equal([
        { to: [email], secure: true },
      ]);
    });

    it('signs in, once for all that follows', async () => {
      const { page } = windows[0]!;
      await journey.signIn(page, 'alice');
      session = await page.context().storageState();
      await journey.fetchThousand(page);
    });

    it('the session goes on when app1 and db1 die in the middle, and app1 serves it again when it is back', async () => {
      const single = await openOn(one, ['app1'], 50);
      const many = await openOn(six, apps, 0);
      const both = [many.page, single.page];
      const dying = ['app1', 'db1'].map((name) => cluster().named(name));

      await Promise.all(dying.map((node) => node.kill()));
      await journey.told(many.page, 'app1 has fallen silent');
      await journey.told(single.page, /app[23] has joined/);
      await Promise.all(both.map(journey.goesOn));
      if (picture !== undefined) await many.page.screenshot({ path: picture, fullPage: true });

      await Promise.all(dying.map((node) => node.start()));
      await announcedBy(cluster().upstream, apps.length);
      await Promise.all(both.map(journey.goesOn));
      await Promise.all(both.map(journey.stop));
      for (const page of both) {
        await page.reload();
        await journey.heading(page, 'Cluster');
      }
      await openOn(six, ['app1'], 50);
      await cluster().named('db1').until('curl -sf http://127.0.0.1:5984/_up', { seconds: 60 });
    });
  });
}
