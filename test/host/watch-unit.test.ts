/** A service that keeps in step with its unit, and tells systemd how it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { watchdogInterval } from '../../engine/host/notify.ts';
import { keepInStep } from '../../engine/host/watch-unit.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

describe('keepInStep', () => {
  it('starts anew by another unit, and stops without one', async () => {
    await using folder = temporaryFolder();
    const { path } = folder;
    const log = join(path, 'log');
    const unit = join(path, 'unit');
    buildTree(path, {
      unit: '[Service]\nEnvironment=CONVERGE_UNIT=abc\n',
      systemctl: { content: `#!/bin/sh\necho "$*" >> ${log}\n`, mode: 0o755 },
    });
    const env = (stamp?: string) => ({ PATH: path, ...(stamp !== undefined && { CONVERGE_UNIT: stamp }) });
    const said = () => {
      const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
      rmSync(log, { force: true });
      return text;
    };
    expect(keepInStep(env('abc'), unit)).to.equal(undefined);
    // By hand, or by a unit of the user's own.
    expect(keepInStep(env(), unit)).to.equal(undefined);
    expect(said()).to.equal('');
    expect(keepInStep(env('abd'), unit)).to.equal('restarts');
    expect(said()).to.equal(
      '--no-ask-password daemon-reload\n--no-ask-password restart --no-block -- converge-watch.service\n',
    );
    expect(keepInStep(env('abc'), join(path, 'none'))).to.equal('stops');
    expect(said()).to.equal('--no-ask-password stop --no-block -- converge-watch.service\n');
  });
});

describe('signs of life', () => {
  it('are wanted where systemd says so of this process, and commands do not learn of it', () => {
    const asked = (env: Record<string, string | undefined>) => watchdogInterval(env);
    expect(asked({})).to.equal(undefined);
    const env: Record<string, string | undefined> = {
      WATCHDOG_USEC: '3000000',
      WATCHDOG_PID: String(process.pid),
    };
    expect(asked(env)).to.equal(3000);
    expect(env).to.deep.equal({});
    expect(asked({ WATCHDOG_USEC: '3000000' })).to.equal(3000);
    expect(asked({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '1' })).to.equal(undefined);
    for (const odd of ['', '0', '-1', 'soon']) expect(asked({ WATCHDOG_USEC: odd })).to.equal(undefined);
  });

  it('are given by a process that nobody waits for', async () => {
    await using folder = temporaryFolder();
    const { path } = folder;
    buildTree(path, {
      'systemd-notify': {
        content: `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${path}/log\n`,
        mode: 0o755,
      },
    });
    const module = new URL('../../engine/host/notify.ts', import.meta.url).href;
    const script = `import { notifySystemd } from '${module}';
      notifySystemd('READY=1'); notifySystemd('WATCHDOG=1'); process.stdout.write(String(process.env.NOTIFY_SOCKET));`;
    const run = async (env: Record<string, string>) => {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { env });
      let out = '';
      child.stdout.on('data', (data: Buffer) => {
        out += data.toString();
      });
      const [code] = await once(child, 'close');
      return { code, out };
    };
    expect(await run({ PATH: path, NOTIFY_SOCKET: '/run/x' })).to.deep.equal({ code: 0, out: 'undefined' });
    const lines = () => readFileSync(join(path, 'log'), 'utf8').split('\n').filter(Boolean).sort();
    while (!existsSync(join(path, 'log')) || lines().length < 2) await new Promise(setImmediate);
    expect(lines()).to.deep.equal(['/run/x --no-block READY=1', '/run/x --no-block WATCHDOG=1']);
    // A machine without it, and a process that systemd has not started.
    expect((await run({ PATH: '/nowhere', NOTIFY_SOCKET: '/run/x' })).code).to.equal(0);
    expect((await run({ PATH: path })).code).to.equal(0);
    expect(lines()).to.have.lengthOf(2);
  });
});
