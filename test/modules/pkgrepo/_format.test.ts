import { expect } from 'chai';
import { differences, type Entry, singles } from '../../../engine/modules/pkgrepo/_entry.ts';
import { formatOf } from '../../../engine/modules/pkgrepo/_format.ts';

/** The same numbers for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function some<T>(of: readonly T[], random: (below: number) => number): T[] {
  const chosen = of.filter(() => random(2) === 0);
  return chosen.length > 0 ? chosen : [of[random(of.length)]!];
}

function anEntry(random: (below: number) => number): Entry {
  const options: [string, string][] = [
    ['architectures', 'amd64 arm64'],
    ['signed-by', '/etc/apt/keyrings/x.asc'],
    ['check-valid-until', 'no'],
    ['languages-add', 'de fr'],
  ];
  return {
    types: some(['deb', 'deb-src'], random),
    uris: some(['http://a.example.org/x', 'cdrom:[Debian 12]/', 'file:/srv/y/'], random)
      .filter((uri) => !uri.includes(' '))
      .concat('https://u:p@b.example.org'),
    suites: some(['stable', 'stable-updates', './'], random),
    components: some(['main', 'contrib', 'non-free-firmware'], random),
    options: new Map(options.filter(() => random(2) === 0)),
    enabled: random(3) > 0,
  };
}

const rest = {
  list: ['', '# a comment', 'deb cdrom:[Debian GNU/Linux 12]/ stable main', '# deb is a word', 'nonsense'],
  sources: ['', '# a comment', 'X-Label: only', 'nonsense'],
};

describe('the formats of apt', () => {
  for (const kind of ['list', 'sources'] as const) {
    it(`keep everything else and find what they put (${kind}, 300 seeds)`, () => {
      const format = formatOf(`/x.${kind}`);
      for (let seed = 0; seed < 300; seed++) {
        const random = numbers(seed);
        let text = some(rest[kind], random)
          .map((line) => `${line}\n`)
          .join('\n');
        const others = kind === 'sources' ? [anEntry(random)] : singles(anEntry(random));
        for (const one of others) text = format.put(text, one, undefined);
        const before = format.parse(text);
        const entry = kind === 'sources' ? anEntry(random) : singles(anEntry(random))[0]!;
        const old = random(2) === 0 ? before.at(-1) : undefined;
        const after = format.put(text, entry, old);
        const places = format.parse(after);
        const place = places.find((one) => differences(one.entry, entry).length === 0);
        expect(place, `${seed}: ${after}`).to.not.equal(undefined);
        expect(places, String(seed)).to.have.length(before.length + (old ? 0 : 1));
        expect(format.put(after, entry, place), `${seed}: again`).to.equal(after);
        const dropped = format.drop(after, place!);
        expect(format.parse(dropped), String(seed)).to.have.length(places.length - 1);
        for (const line of rest[kind]) if (text.includes(`${line}\n`)) expect(dropped).to.include(line);
        if (!old) expect(dropped.trimEnd(), String(seed)).to.equal(text.trimEnd());
      }
    });
  }
});
