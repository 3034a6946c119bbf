/** What happens on a node that is watched, and how long it takes: jobs as JSON on stdin, milliseconds on stdout. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

/** Members that join one after the other: from when the server has taken the record until haproxy runs with it. */
interface Members {
  readonly job: 'members';
  readonly count: number;
  readonly zone: string;
  readonly key: string;
  readonly socket: string;
}

/** Files that are edited: from the edit until they are as before. */
interface Files {
  readonly job: 'files';
  readonly count: number;
  readonly folder: string;
  readonly files: number;
}

/** A service that is killed: from the kill until another process of it runs. */
interface Service {
  readonly job: 'service';
  readonly count: number;
  readonly unit: string;
}

const job: Members | Files | Service = JSON.parse(readFileSync(0, 'utf8'));
const patience = 20_000;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function until(what: string, holds: () => boolean | Promise<boolean>, beat: number): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > patience) throw new Error(`${what} did not come about`);
    if (beat > 0) await pause(beat);
  }
  return performance.now() - began;
}

/** What haproxy answers on its socket; nothing while it is being reloaded. */
function asked(socket: string, question: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const connection = connect(socket, () => connection.end(`${question}\n`));
    connection.on('data', (bytes) => {
      text += bytes;
    });
    connection.on('close', () => resolve(text));
    connection.on('error', () => resolve(''));
  });
}

async function members({ count, zone, key, socket }: Members): Promise<number[]> {
  const times: number[] = [];
  for (let number = 1; number <= count; number++) {
    const host = `late${number}.${zone}.`;
    const lines = [
      'server 127.0.0.1',
      `zone ${zone}`,
      `add ${host} 60 A 198.51.100.${number}`,
      `add internal.${host} 60 A 10.99.0.${number}`,
      `add _app._tcp.${zone}. 60 SRV 0 0 8080 ${host}`,
      'send',
    ];
    execFileSync('nsupdate', ['-y', key], { input: `${lines.join('\n')}\n` });
    const shown = async () => (await asked(socket, 'show servers state')).includes(` late${number} `);
    times.push(await until(`late${number} in haproxy`, shown, 5));
  }
  return times;
}

async function files({ count, folder, files }: Files): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const file = `${folder}/f${(turn * 37) % files}`;
    const wanted = readFileSync(file, 'utf8');
    writeFileSync(file, `edited ${turn}`);
    times.push(await until(file, () => readFileSync(file, 'utf8') === wanted, 0));
    await pause(50);
  }
  return times;
}

async function service({ count, unit }: Service): Promise<number[]> {
  const times: number[] = [];
  const pidOf = () =>
    Number(execFileSync('systemctl', ['show', '-p', 'MainPID', '--value', unit], { encoding: 'utf8' }));
  for (let turn = 0; turn < count; turn++) {
    const before = pidOf();
    process.kill(before, 'SIGKILL');
    const again = () => {
      const now = pidOf();
      return now > 0 && now !== before;
    };
    times.push(await until(`${unit} again`, again, 5));
    await pause(200);
  }
  return times;
}

const times = job.job === 'members' ? members(job) : job.job === 'files' ? files(job) : service(job);
process.stdout.write(JSON.stringify(await times));
