import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { follow } from '../../engine/host/follow.ts';
import { isOnPath } from '../helpers/tools.ts';

interface Followed {
  readonly lines: string[];
  readonly ended: Promise<string>;
  readonly following: Disposable;
  /** Waits for so many lines. */
  until(count: number): Promise<string[]>;
}

function followed(argv: readonly string[]): Followed {
  const lines: string[] = [];
  let wake = (): void => undefined;
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const line = (text: string) => {
    lines.push(text);
    wake();
  };
  const following = follow(argv, { line, end });
  return {
    lines,
    ended,
    following,
    async until(count) {
      while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return lines;
    },
  };
}

function shell(script: string): string[] {
  return ['/bin/sh', '-c', script];
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function untilDead(...pids: string[]): Promise<void> {
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('following a program', () => {
  it('hands over each line as it comes, and says how it ended', async () => {
    const program = followed(
      shell('echo one; echo; printf "two\\nlast"; echo oops >&2; echo worse >&2; exit 3'),
    );
    expect(await program.ended).to.equal('/bin/sh: it ended with status 3: worse');
    expect(program.lines).to.deep.equal(['one', '', 'two', 'last']);
    expect(await followed(shell('kill -9 $$')).ended).to.equal('/bin/sh: it ended with SIGKILL');
    expect(await followed(['/bin/true']).ended).to.equal('/bin/true: it ended with status 0');
  });

  it('does not wait for the end of the program to hand over a line', async () => {
    const program = followed(shell('echo ready; exec sleep 60'));
    await program.until(1);
    program.following[Symbol.dispose]();
  });

  it('takes bytes that are no text, and lines that never end', async () => {
    const script = `printf 'gr\\374n\\0x\\n'; head -c 3000000 /dev/zero | tr '\\0' a; echo; echo after`;
    const program = followed(shell(script));
    await program.ended;
    expect(program.lines).to.have.length(3);
    expect(program.lines[0]).to.equal('gr\uFFFDn\0x');
    expect(program.lines[1]).to.equal('a'.repeat(65536));
    expect(program.lines[2]).to.equal('after');
  });

  it('gives no input, untranslated messages, and none of what systemd told us', async () => {
    process.env['NOTIFY_SOCKET'] = '/run/systemd/notify';
    try {
      const program = followed(
        shell('cat; echo "$LC_ALL,${NOTIFY_SOCKET-none},$PWD,$$,$(cut -d" " -f5,6 /proc/$$/stat)"'),
      );
      await program.ended;
      const [locale, socket, folder, pid, group] = program.lines[0]!.split(',');
      expect([locale, socket, folder]).to.deep.equal(['C', 'none', '/']);
      expect(group, 'group and session').to.equal(`${pid} ${pid}`);
    } finally {
      delete process.env['NOTIFY_SOCKET'];
    }
  });

  it('says that there is no such program, after it was returned', async () => {
    let returned = false;
    const reason = new Promise<string>((resolve) => {
      follow(['no-such-program'], { line: () => undefined, end: (why) => resolve(`${returned} ${why}`) });
      returned = true;
    });
    expect(await reason).to.equal('true no-such-program: command not found');
    expect(await followed(['a\0b']).ended).to.match(/null bytes/);
    expect(await followed(['/etc/passwd']).ended).to.match(/^\/etc\/passwd: .*(denied|126)/);
  });

  it('kills all of its group when it is disposed of, and tells nothing more', async () => {
    const program = followed(shell(`trap '' TERM HUP; sleep 60 & echo $! $$; while :; do echo more; done`));
    const [pids] = await program.until(1);
    program.following[Symbol.dispose]();
    program.following[Symbol.dispose]();
    const count = program.lines.length;
    await untilDead(...pids!.split(' '));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(program.lines.length).to.equal(count);
    const silence = await Promise.race([program.ended, Promise.resolve('silence')]);
    expect(silence).to.equal('silence');
  });

  it('kills what a program leaves behind, and does not wait for what has got away', async () => {
    const left = followed(shell('sleep 60 & echo $!'));
    await left.ended;
    await untilDead(left.lines[0]!);
    const away = followed(shell('setsid sleep 60 & echo $!; sleep 0.1'));
    await away.ended;
    expect(isAlive(away.lines[0]!)).to.equal(true);
    process.kill(Number(away.lines[0]));
  });

  it('ends with us, even where we are killed by force (where there is setpriv)', async function () {
    if (!isOnPath('setpriv')) this.skip();
    const module = fileURLToPath(new URL('../../engine/host/follow.ts', import.meta.url));
    const script = `import { follow } from '${module}';
      follow(['/bin/sh', '-c', 'echo $$; exec sleep 60'], { line: console.log, end: console.log });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (bytes) => resolve(String(bytes).trim())),
    );
    expect(isAlive(pid)).to.equal(true);
    parent.kill('SIGKILL');
    await untilDead(pid);
  });
});
