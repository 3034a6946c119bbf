/** Runs that are killed at any moment: nothing is half written, and no restart is lost. */
import { expect } from 'chai';
import { compiled } from './converge.ts';
import type { Round } from './kill-inside.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';

/** Of each of the nodes, which run side by side. */
const kills = 50;
const nodes = 4;
const files = 200;
const services = 5;
const seed = Number(process.env['CONVERGE_SEED'] ?? 20261122);

/**
 * Each new word changes every fourth file and the configuration of every service. Each service keeps, at its start, the
 * configuration it runs with.
 */
const states = `
{% set newest = pillar['word'] %}
{% for n in range(${files}) %}
{% set word = newest - (newest - n) % 4 %}
/srv/files/{{ n }}:
  file.managed:
    - makedirs: true
    - contents: |
        {{ n }} {{ word }} begin
        ${'x'.repeat(2000)}
        {{ n }} {{ word }} end
{% endfor %}
{% for n in range(${services}) %}
/etc/app{{ n }}.conf:
  file.managed:
    - contents: "word = {{ newest }}"

app{{ n }}:
  service.running:
    - init_delay: 0
    - watch:
      - file: /etc/app{{ n }}.conf
    - require:
      - file: /srv/files/{{ n * ${files / services} + ${files / services - 1} }}
{% endfor %}
`;

const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'cp /etc/%N.conf /run/%N.runs-with; exec sleep infinity'
`;

describeLab('lab: runs that are killed', () => {
  it(`${nodes * kills} times lose nothing`, async function () {
    this.timeout(600_000);
    await Promise.all(Array.from({ length: nodes }, (_, index) => killedOnNode(index)));
  });
});

async function killedOnNode(index: number): Promise<void> {
  const seedHere = seed + index;
  const hint = `CONVERGE_SEED=${seedHere}`;
  await using node = await boot({ name: `kill${index}` });
  await node.write('/srv/tree/states/top.yaml', "base:\n  '*': [web]\n");
  await node.write('/srv/tree/states/web.yaml', states);
  await node.write('/srv/tree/pillar/top.yaml', "base:\n  '*': [word]\n");
  for (let n = 0; n < services; n++) await node.write(`/etc/systemd/system/app${n}.service`, unit);
  await node.must('systemctl daemon-reload');
  const told = await node.must(
    ['node', `${checkout}/test/lab/kill-inside.ts`, String(seedHere), String(kills)],
    { timeout: 550, env: { NODE_COMPILE_CACHE: compiled } },
  );
  const rounds: Round[] = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rounds.filter(({ status }) => status === 137).length, `${hint}: killed`).to.equal(kills);
  const bad = rounds.filter(({ status, wrong }) => ![0, 137].includes(status) || wrong.length > 0);
  expect(bad, hint).to.deep.equal([]);
  await expectHealed(node, hint, rounds.length);
}

/** One run more makes up for all that was lost. */
async function expectHealed(node: Node, hint: string, rounds: number): Promise<void> {
  const last = await node.converge(undefined, { options: ['--wait', '0'] });
  expect(last.status, `${hint} ${last.stderr}`).to.equal(0);
  const word = await node.must('cat /srv/tree/pillar/word.yaml');
  for (let n = 0; n < services; n++) {
    expect(await node.file(`/run/app${n}.runs-with`), `${hint}: what app${n} runs with`).to.equal(
      `${word.trim().replace(':', ' =')}\n`,
    );
  }
  expect(await node.must(`${checkout}/converge owed`), hint).to.equal('Nothing is owed.\n');
  expect(await node.must('find /srv /etc -xdev -name ".converge-*"'), `${hint}: left over`).to.equal('');
  const history: { exit?: number }[] = JSON.parse(await node.must(`${checkout}/converge history --json`));
  expect(history.at(-1)?.exit, hint).to.equal(0);
  expect(history.length, `${hint}: runs in the history`).to.be.within(rounds / 2, rounds + 3);
  expect(
    history.filter(({ exit }) => exit === undefined).length,
    `${hint}: runs without an end`,
  ).to.be.within(1, kills);
}
