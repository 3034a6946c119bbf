import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  expositionText,
  type Figures,
  lastSuccessIn,
  pendingMetrics,
  runMetrics,
  withPaused,
} from '../../engine/report/metrics.ts';
import { parseExposition } from '../helpers/exposition.ts';
import { summary } from './recorded.ts';

const figures: Figures = {
  began: 1_000_000,
  ended: 1_002_500,
  lastSuccess: 42.5,
  exit: 0,
  summary: summary({
    total: 10,
    unchanged: 5,
    changed: 2,
    failed: 1,
    skipped: 2,
    not_tried: 3,
    corrected: 1,
  }),
  flapping: 1,
  owed: 2,
  paused: false,
  version: '1.2.3',
};

function read(some: Partial<Figures>) {
  const text = expositionText(runMetrics({ ...figures, ...some }));
  return { text, families: parseExposition(text) };
}

describe('figures for Prometheus', () => {
  it('are gauges with a help text and nothing that a parser refuses', () => {
    const { families } = read({});
    const values = Object.fromEntries([...families].map(([name, { samples }]) => [name, [...samples]]));
    expect(values).to.deep.equal({
      converge_last_run_timestamp_seconds: [['', 1002.5]],
      converge_last_success_timestamp_seconds: [['', 1002.5]],
      converge_last_run_duration_seconds: [['', 2.5]],
      converge_last_run_exit_code: [['', 0]],
      converge_states: [
        ['verdict="unchanged"', 5],
        ['verdict="changed"', 2],
        ['verdict="failed"', 1],
        ['verdict="skipped"', 2],
        ['verdict="not_tried"', 3],
      ],
      converge_corrected_states: [['', 1]],
      converge_orphans: [['', 0]],
      converge_flapping_states: [['', 1]],
      converge_owed_reactions: [['', 2]],
      converge_paused: [['', 0]],
      converge_info: [['version="1.2.3",revision=""', 1]],
    });
    for (const [name, { type, help }] of families) {
      expect(type, name).to.equal('gauge');
      expect(help, name).to.match(/\.$|: always 1\.$/);
    }
  });

  it('keep the last success through runs that fail', () => {
    const { text, families } = read({ exit: 1 });
    expect([...families.get('converge_last_success_timestamp_seconds')!.samples.values()]).to.deep.equal([
      42.5,
    ]);
    expect(lastSuccessIn(text)).to.equal(42.5);
    for (const nothing of [undefined, '', 'converge_last_success_timestamp_seconds 0\n', 'damaged {']) {
      expect(lastSuccessIn(nothing)).to.equal(undefined);
    }
  });

  it('say nothing of states where the run did not compile', () => {
    const { families } = read({ exit: 3, summary: undefined });
    expect(families.has('converge_states')).to.equal(false);
    expect([...families.get('converge_last_run_exit_code')!.samples.values()]).to.deep.equal([3]);
  });

  it('take any text as a label', () => {
    const { families } = read({ revision: 'a"b\\c\nd' });
    expect([...families.get('converge_info')!.samples.keys()]).to.deep.equal([
      'version="1.2.3",revision="a\\"b\\\\c\\nd"',
    ]);
  });

  it('tell of a pause that begins between two runs, and of its end', () => {
    const { text, families } = read({});
    for (const before of [text, text.trimEnd(), withPaused(text, false), '']) {
      const after = withPaused(before, true);
      const told = parseExposition(after);
      expect([...told.get('converge_paused')!.samples.values()]).to.deep.equal([1]);
      expect(told.size).to.equal(before === '' ? 1 : families.size);
      expect(withPaused(after, false)).to.equal(withPaused(before, false));
    }
  });

  it('of a dry run are others', () => {
    const text = expositionText(pendingMetrics(5000, summary({ would_change: 3, failed: 1 })));
    const names = [...parseExposition(text).keys()];
    expect(names).to.include('converge_pending_states');
    expect(names.filter((name) => read({}).families.has(name))).to.deep.equal([]);
  });

  it('are all documented, and nothing else is', () => {
    const page = readFileSync(new URL('../../docs/reports.md', import.meta.url), 'utf8');
    const documented = new Set([...page.matchAll(/`(converge_\w+)[`{]/g)].map(([, name]) => name));
    const pending = expositionText(pendingMetrics(5000, summary()));
    const all = [...read({}).families.keys(), ...parseExposition(pending).keys()];
    expect([...documented].sort()).to.deep.equal(all.sort());
  });

  it('are refused by the parser of this test where they are malformed', () => {
    const good = '# HELP a A.\n# TYPE a gauge\na 1\n';
    parseExposition(good);
    for (const bad of [
      good.trimEnd(),
      'a 1\n',
      `${good}a 1\n`,
      `${good}${good}`,
      good.replace('1', 'x'),
      good.replace('a 1', 'a{b=1} 1'),
      good.replace('A.', '\\x'),
    ]) {
      expect(() => parseExposition(bad), bad).to.throw();
    }
  });
});
