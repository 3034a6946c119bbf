/** Runs that are killed at any moment: nothing is half written, and no restart is lost. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout } from './node.ts';

const kills = 60;
const files = 200;
const services = 5;

/** Each service keeps, at its start, the configuration it runs with. */
const states = `
{% set word = pillar['word'] %}
{% for n in range(${files}) %}
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
    - contents: "word = {{ word }}"

app{{ n }}:
  service.running:
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

/** In the node, so that a kill costs no more than the run it ends. Prints how the runs ended: 137 is a kill. */
const loop = `
converge="${checkout}/converge highstate --states /srv/tree/states --pillar /srv/tree/pillar --output quiet"
ms() { echo $(($(date +%s%N) / 1000000)); }
$converge > /dev/null
# How long a run takes that has all to change, on this machine, now.
echo "word: again" > /srv/tree/pillar/word.yaml
begin=$(ms)
$converge > /dev/null
whole=$(($(ms) - begin))
seed=20261122
i=0
while [ $i -lt ${kills} ]; do
  i=$((i + 1))
  seed=$(( (seed * 1103515245 + 12345) % 2147483648 ))
  # Now and then the tree changes; a run that was killed often enough has to catch up with several changes.
  if [ $((seed / 65536 % 3)) = 0 ]; then echo "word: $i" > /srv/tree/pillar/word.yaml; fi
  seed=$(( (seed * 1103515245 + 12345) % 2147483648 ))
  delay=$((whole * (15 + seed / 65536 % 95) / 100))
  timeout --signal=KILL $((delay / 1000)).$(printf %03d $((delay % 1000))) $converge > /dev/null 2>&1
  echo $?
done
`;

describeLab('lab: runs that are killed', () => {
  it(`${kills} times lose nothing`, async function () {
    this.timeout(1_200_000);
    await using node = await boot({ name: 'kill' });
    await node.write('/srv/tree/states/top.yaml', "base:\n  '*': [web]\n");
    await node.write('/srv/tree/states/web.yaml', states);
    await node.write('/srv/tree/pillar/top.yaml', "base:\n  '*': [word]\n");
    await node.write('/srv/tree/pillar/word.yaml', 'word: 0\n');
    for (let n = 0; n < services; n++) await node.write(`/etc/systemd/system/app${n}.service`, unit);
    await node.must('systemctl daemon-reload');
    const ended = (await node.must(loop, { timeout: 1_100 })).trim().split('\n');
    expect(ended).to.have.lengthOf(kills);
    const killed = ended.filter((status) => status === '137').length;
    expect(killed, 'enough of them were killed').to.be.greaterThan(kills / 4);
    expect([...new Set(ended)].sort().join(), 'the others ended well').to.match(/^(0,)?137$/);

    const half = await node.run(
      'for f in /srv/files/[0-9]*; do [ "$(head -1 "$f")" = "$(tail -1 "$f" | sed s/end/begin/)" ] || echo "$f"; done',
    );
    expect(`${half.stdout}${half.stderr}`, 'files that are half written').to.equal('');

    const last = await node.converge(undefined, { options: ['--wait', '0'] });
    expect(last.status, `${last.stderr}`).to.equal(0);
    const word = await node.must('cat /srv/tree/pillar/word.yaml');
    for (let n = 0; n < services; n++) {
      expect(await node.file(`/run/app${n}.runs-with`), `what app${n} runs with`).to.equal(
        `${word.trim().replace(':', ' =')}\n`,
      );
    }
    expect(await node.must(`${checkout}/converge owed`)).to.equal('Nothing is owed.\n');
    const history: { exit?: number }[] = JSON.parse(await node.must(`${checkout}/converge history --json`));
    expect(history.at(-1)?.exit).to.equal(0);
    expect(history.filter(({ exit }) => exit === undefined).length, 'runs without an end').to.be.within(
      1,
      killed,
    );
  });
});
