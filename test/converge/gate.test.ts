/** The truth table of docs/requisites.md, cell by cell. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { gate, type Passage, type Standing } from '../../engine/converge/gate.ts';
import { type RequisiteKind, type Runnable, requisiteKinds } from '../../engine/core/chunk.ts';

const standings = {
  ok: { result: true, moved: false, skipped: false, expected: false },
  changed: { result: true, moved: true, skipped: false, expected: false },
  failed: { result: false, moved: false, skipped: false, expected: false },
  skipped: { result: true, moved: false, skipped: true, expected: false },
  'would change': { result: null, moved: true, skipped: false, expected: true },
} as const satisfies { [name: string]: Standing };

type StandingName = keyof typeof standings;

function bare(id: string): Runnable {
  return { chunk: { id }, requisites: {}, prerequired: [] } as unknown as Runnable;
}

/** What the gate says to a state with one kind of requisite on targets that stand as named. */
function pass(kind: RequisiteKind, ...names: StandingName[]): string {
  const targets = names.map((name) => bare(name));
  return passed({ [kind]: targets }, targets, names);
}

function passed(requisites: Runnable['requisites'], targets: Runnable[], names: StandingName[]): string {
  const known = new Map(targets.map((target, index) => [target, standings[names[index]!]]));
  const standing = (target: Runnable): Standing => known.get(target)!;
  return words(gate({ ...bare('self'), requisites }, standing, standing));
}

function words(passage: Passage): string {
  if (passage.passes) return passage.reacts ? 'runs, reacts' : 'runs';
  return passage.why === 'failed' ? 'fails' : 'is skipped';
}

describe('gate', () => {
  const page = readFileSync('docs/requisites.md', 'utf8');
  const names = Object.keys(standings) as StandingName[];

  for (const kind of requisiteKinds) {
    const row = page
      .split('\n')
      .find((line) => line.startsWith(`| \`${kind}\` |`))
      ?.split('|')
      .slice(2, -1)
      .map((cell) => cell.trim());
    it(`has a row for ${kind} in docs/requisites.md`, () => expect(row).to.have.length(names.length));
    for (const [index, name] of names.entries()) {
      it(`${kind} on a state that stands as ${name}: ${row?.[index]}`, () => {
        expect(pass(kind, name)).to.equal(row?.[index]);
      });
    }
  }

  const several: [RequisiteKind, StandingName[], string][] = [
    ['require', ['ok', 'failed'], 'fails'],
    ['require_any', ['failed', 'ok'], 'runs'],
    ['require_any', ['failed', 'failed'], 'fails'],
    ['watch', ['ok', 'changed'], 'runs, reacts'],
    ['watch', ['changed', 'failed'], 'fails'],
    ['watch_any', ['changed', 'failed'], 'runs, reacts'],
    ['watch_any', ['ok', 'failed'], 'runs'],
    ['onchanges', ['ok', 'changed'], 'runs'],
    ['onchanges', ['changed', 'failed'], 'fails'],
    ['onchanges_any', ['changed', 'failed'], 'runs'],
    ['onchanges_any', ['ok', 'failed'], 'fails'],
    ['onfail', ['ok', 'failed'], 'runs'],
    ['onfail', ['ok', 'changed'], 'is skipped'],
    ['onfail_any', ['ok', 'failed'], 'runs'],
    ['onfail_all', ['ok', 'failed'], 'is skipped'],
    ['onfail_all', ['failed', 'failed'], 'runs'],
    ['prereq', ['ok', 'changed'], 'runs'],
    ['prereq', ['changed', 'failed'], 'fails'],
  ];
  for (const [kind, targets, expected] of several) {
    it(`${kind} on ${targets.join(' and ')}: ${expected}`, () => {
      expect(pass(kind, ...targets)).to.equal(expected);
    });
  }

  const mixed: [string, { [kind in RequisiteKind]?: StandingName }, string][] = [
    ['a failed requirement outweighs a met onfail', { onfail: 'failed', require: 'failed' }, 'fails'],
    ['onfail unmet outweighs onchanges met', { onfail: 'ok', onchanges: 'changed' }, 'is skipped'],
    ['onfail and onchanges met', { onfail: 'failed', onchanges: 'changed' }, 'runs'],
    ['quiet onchanges outweighs a watched change', { watch: 'changed', onchanges: 'ok' }, 'is skipped'],
    ['a quiet prereq outweighs a change', { watch: 'changed', prereq: 'ok' }, 'is skipped'],
    ['require and watch', { require: 'ok', watch: 'changed' }, 'runs, reacts'],
  ];
  for (const [title, kinds, expected] of mixed) {
    it(title, () => {
      const entries = Object.entries(kinds) as [RequisiteKind, StandingName][];
      const targets = entries.map(([kind]) => bare(kind));
      const requisites = Object.fromEntries(entries.map(([kind], index) => [kind, [targets[index]!]]));
      expect(
        passed(
          requisites,
          targets,
          entries.map(([, name]) => name),
        ),
      ).to.equal(expected);
    });
  }

  it('fails a state whose prereq state failed', () => {
    const first = bare('first');
    const self = { ...bare('self'), prerequired: [first] };
    const passage = gate(
      self,
      () => standings.failed,
      () => standings.failed,
    );
    expect(passage).to.deep.equal({ passes: false, why: 'failed', culprits: [first] });
  });

  it('fails a state that requires one a failhard left out', () => {
    const target = bare('never ran');
    const passage = gate(
      { ...bare('self'), requisites: { require: [target] } },
      () => undefined,
      () => standings.ok,
    );
    expect(words(passage)).to.equal('fails');
  });
});
