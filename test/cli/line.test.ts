/** Runs that a timer asks for while another one is going on. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { appears, type Place, place } from '../helpers/place.ts';

const tree = {
  'states/top.sls': "base:\n  '*':\n    - web\n",
  'states/web.sls': 'count:\n  cmd.run:\n    - name: echo first >> $DIR/runs\n',
  'states/slow.sls':
    'slow:\n  cmd.run:\n    - name: touch $DIR/began; while [ ! -e $DIR/go ]; do sleep 0.02; done\n',
};

/** How many stand in line: each holds a lock of its own, which its process names. */
async function stands(here: Place, pid: number): Promise<void> {
  for (;;) {
    for (const name of existsSync(here.at('state/line')) ? folders(here) : []) {
      if (here.text(`state/line/${name}/holder.json`).includes(`"pid":${pid},`)) return;
    }
    await pause(10);
  }
}

function folders(here: Place): string[] {
  return process.getBuiltinModule('node:fs').readdirSync(here.at('state/line'));
}

describe('runs that nobody waits for', () => {
  it('become one, which begins after the last request and sees what changed', async () => {
    await using here = place(tree);
    const person = here.start('apply', 'slow');
    await appears(here.at('began'));
    const waiting = here.start('highstate', '--cause', 'schedule', '--output', 'quiet');
    await stands(here, waiting.child.pid!);
    for (let count = 0; count < 3; count++) {
      const left = await here.run('highstate', '--cause', 'schedule', '--output', 'quiet');
      expect(left).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    }
    here.write('states/web.sls', 'count:\n  cmd.run:\n    - name: echo second >> $DIR/runs\n');
    here.write('go', '');
    expect((await person.ended).code).to.equal(0);
    const { code, stderr } = await waiting.ended;
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(here.text('runs')).to.equal('second\n');
    const history = JSON.parse((await here.run('history', '--json')).stdout);
    expect(history.map(({ cause }: { cause: string }) => cause)).to.deep.equal(['cli', 'schedule']);
    expect(history[1].began).to.be.at.least(history[0].ended);
  });

  it('do not stand for others: another SLS, a person', async () => {
    await using here = place(tree);
    const person = here.start('apply', 'slow');
    await appears(here.at('began'));
    const waiting = here.start('highstate', '--cause', 'schedule');
    await stands(here, waiting.child.pid!);
    const other = here.start('apply', 'web', '--cause', 'schedule');
    await stands(here, other.child.pid!);
    const impatient = await here.run('highstate', '--wait', '0');
    expect(impatient.code).to.equal(4);
    here.write('go', '');
    const codes = await Promise.all([person, waiting, other].map(async ({ ended }) => (await ended).code));
    expect(codes).to.deep.equal([0, 0, 0]);
    expect(here.text('runs')).to.equal('first\nfirst\n');
  });

  it('make room when the one in line is killed', async () => {
    await using here = place(tree);
    const person = here.start('apply', 'slow');
    await appears(here.at('began'));
    const killed = here.start('highstate', '--cause', 'schedule');
    await stands(here, killed.child.pid!);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = here.start('highstate', '--cause', 'schedule');
    await stands(here, next.child.pid!);
    here.write('go', '');
    await person.ended;
    expect((await next.ended).code).to.equal(0);
    expect(here.text('runs')).to.equal('first\n');
  });

  it('say so when they have waited as long as they were told to', async () => {
    await using here = place(tree);
    const person = here.start('apply', 'slow');
    await appears(here.at('began'));
    const { code, stderr } = await here.run('highstate', '--cause', 'schedule', '--wait', '0');
    expect(code).to.equal(4);
    expect(stderr).to.include('error[locked]').and.include('converge apply');
    here.write('go', '');
    await person.ended;
  });
});
