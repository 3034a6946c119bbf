import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { unitAliases } from '../../engine/host/unit-aliases.ts';
import { unitOfPath, unitSignals } from '../../engine/host/unit-signals.ts';
import { messageBytes, type Written } from '../helpers/dbus.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const manager = '/org/freedesktop/systemd1';
const answer = { kind: 2, fields: [[5, 'u', 1]] } as const;

function changed(label: string, state: string, of = 'Unit'): Written {
  return {
    path: `${manager}/unit/${label}`,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'PropertiesChanged',
    body: [`org.freedesktop.systemd1.${of}`, state],
  };
}

function told(member: string, ...body: (string | number)[]): Written {
  return { path: manager, interface: 'org.freedesktop.systemd1.Manager', member, body };
}

/** A systemd that says what a test wants, and what was heard of it. */
async function systemd(greeting = 'OK ce94fa3fe5fa46bdb0145f557304fdab\r\n') {
  const folder = temporaryFolder();
  const socket = `${folder.path}/private`;
  const heard: string[] = [];
  const asked: string[] = [];
  let wake = (): void => undefined;
  let questions = 0;
  let client: Socket | undefined;
  const server = createServer((connection) => {
    client = connection;
    connection.on('error', () => undefined);
    connection.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      asked.push(text);
      if (text.startsWith('\0AUTH')) connection.write(greeting);
      if (text === 'BEGIN\r\n') return;
      // As systemd does, the first question is forgotten.
      if (text.includes('Ping') && ++questions > 1) connection.write(messageBytes(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const aliases = () => new Map([['ssh.service', ['sshd.service']]]);
  const hear = (what: string) => {
    heard.push(what);
    wake();
  };
  const signals = unitSignals(
    { unit: hear, all: () => hear('*'), end: (reason) => hear(`end: ${reason}`) },
    { socket, aliases },
  );
  return {
    heard,
    asked,
    signals,
    say: (...messages: Written[]) => void client!.write(Buffer.concat(messages.map(messageBytes))),
    write: (bytes: string) => void client!.write(bytes),
    close: () => client!.destroy(),
    /** Waits until something was heard. */
    async until(what: string | RegExp): Promise<void> {
      const met = (one: string) => (typeof what === 'string' ? one === what : what.test(one));
      while (!heard.some(met)) await new Promise<void>((resolve) => (wake = resolve));
    },
    async [Symbol.asyncDispose]() {
      signals[Symbol.dispose]();
      client?.destroy();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('signals of units', () => {
  it('says who it is, and that all may have changed once it hears', async () => {
    await using system = await systemd();
    await system.until('*');
    const uid = Buffer.from(String(process.getuid!())).toString('hex');
    expect(system.asked[0]).to.equal(`\0AUTH EXTERNAL ${uid}\r\n`);
    expect(system.heard).to.deep.equal(['*']);
  });

  it('tells of units that change, by all their names, but not of the same twice', async () => {
    await using system = await systemd();
    await system.until('*');
    system.say(
      changed('haproxy_2eservice', 'active'),
      changed('haproxy_2eservice', 'active'),
      // Its status line, its memory: the unit is as it was.
      changed('haproxy_2eservice', 'new status', 'Service'),
      changed('haproxy_2eservice', 'failed'),
      changed('ssh_2eservice', 'active'),
      told('JobRemoved', 76, `${manager}/job/76`, 'cron.service', 'done'),
      {
        path: manager,
        interface: 'org.freedesktop.DBus.Properties',
        member: 'PropertiesChanged',
        body: ['x'],
      },
      { path: `${manager}/job/174`, member: 'PropertiesChanged', body: ['org.freedesktop.systemd1.Job'] },
      changed('end_2eservice', 'active'),
    );
    await system.until('end.service');
    expect(system.heard.slice(1)).to.deep.equal([
      'haproxy.service',
      'haproxy.service',
      'ssh.service',
      'sshd.service',
      'cron.service',
      'end.service',
    ]);
  });

  it('tells of a unit that comes to stay, and not of one that somebody looked at', async () => {
    await using system = await systemd();
    await system.until('*');
    system.say(
      told('UnitNew', 'looked-at.service', `${manager}/unit/looked_2dat_2eservice`),
      told('UnitNew', 'mnt-x.mount', `${manager}/unit/mnt_2dx_2emount`),
      told('UnitRemoved', 'looked-at.service', `${manager}/unit/looked_2dat_2eservice`),
    );
    await system.until('mnt-x.mount');
    expect(system.heard).to.deep.equal(['*', 'mnt-x.mount']);
  });

  it('tells that all may have changed after unit files were read anew', async () => {
    await using system = await systemd();
    await system.until('*');
    system.say(
      told('Reloading', 1),
      told('UnitRemoved', 'a.service', `${manager}/unit/a_2eservice`),
      told('UnitNew', 'a.service', `${manager}/unit/a_2eservice`),
      told('Reloading', 0),
      told('UnitFilesChanged'),
      changed('a_2eservice', 'active'),
    );
    await system.until('a.service');
    // What was read in passing is not told afterwards.
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(system.heard).to.deep.equal(['*', '*', '*', 'a.service']);
  });

  it('says why it ended', async () => {
    await using gone = await systemd();
    await gone.until('*');
    gone.close();
    await gone.until('end: systemd has closed the connection');

    await using strict = await systemd('REJECTED EXTERNAL\r\n');
    await strict.until('end: systemd lets only root listen');

    await using odd = await systemd();
    await odd.until('*');
    odd.write('Segmentation fault (core dumped)\n');
    await odd.until('end: systemd cannot be understood: This is not D-Bus.');
    expect(odd.heard).to.have.length(2);

    await using short = await systemd();
    await short.until('*');
    short.say(told('JobRemoved', 1));
    await short.until(/^end: systemd cannot be understood: .*out of range/);
  });

  it('says that there is no systemd, after it was returned', async () => {
    await using folder = temporaryFolder();
    let returned = false;
    const reason = await new Promise<string>((resolve) => {
      const fail = () => resolve('heard something');
      const end = (why: string) => resolve(returned ? why : 'too early');
      unitSignals({ unit: fail, all: fail, end }, { socket: `${folder.path}/none` });
      returned = true;
    });
    expect(reason).to.equal('systemd does not run here');
  });

  it('tells nothing any more once it was disposed of', async () => {
    await using system = await systemd();
    await system.until('*');
    system.say(changed('a_2eservice', 'active'));
    system.signals[Symbol.dispose]();
    system.signals[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(system.heard).to.deep.equal(['*']);
  });

  it('knows names with odd characters', () => {
    const names = {
      haproxy_2eservice: 'haproxy.service',
      foo_2dbar_40baz_5cx2dqux_2eservice: 'foo-bar@baz\\x2dqux.service',
      dev_2dsda1_2edevice: 'dev-sda1.device',
      _2d_2emount: '-.mount',
      a_5fb_2eservice: 'a_b.service',
      gr_c3_bcn_2eservice: 'grün.service',
      '1_3a2_2etimer': '1:2.timer',
    };
    for (const [label, name] of Object.entries(names))
      expect(unitOfPath(`/org/freedesktop/systemd1/unit/${label}`)).to.equal(name);
  });
});

describe('aliases of units', () => {
  it('are links to units of another name', async () => {
    await using folder = temporaryFolder();
    const etc = `${folder.path}/etc`;
    const lib = `${folder.path}/lib`;
    mkdirSync(etc);
    mkdirSync(`${lib}/multi-user.target.wants`, { recursive: true });
    for (const name of ['ssh.service', 'mariadb.service', 'getty@.service', 'app.service'])
      writeFileSync(`${lib}/${name}`, '');
    symlinkSync(`${lib}/ssh.service`, `${etc}/sshd.service`);
    symlinkSync('mariadb.service', `${lib}/mysql.service`);
    symlinkSync(`${lib}/mysql.service`, `${etc}/mysqld.service`);
    symlinkSync('/dev/null', `${etc}/masked.service`);
    symlinkSync(`${lib}/app.service`, `${etc}/app.service`);
    symlinkSync(`${lib}/getty@.service`, `${etc}/getty@tty1.service`);
    symlinkSync(`${lib}/gone.service`, `${etc}/lost.service`);
    symlinkSync(lib, `${folder.path}/same`);
    const folders = [etc, `${folder.path}/absent`, lib, `${folder.path}/same`];
    expect(Object.fromEntries(unitAliases(folders))).to.deep.equal({
      'ssh.service': ['sshd.service'],
      'mariadb.service': ['mysqld.service', 'mysql.service'],
    });
  });
});
