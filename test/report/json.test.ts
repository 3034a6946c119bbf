import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { createJsonReporter, errorsAsJson } from '../../engine/report/json.ts';
import { createNdjsonReporter, errorsAsNdjson } from '../../engine/report/ndjson.ts';
import { diagnostic, run } from './recorded.ts';

const ajv = new Ajv2020({ allErrors: true });

/** What docs/schemas says of a document: its complaints. */
function complaints(schema: string, document: unknown): unknown {
  const file = join(import.meta.dirname, `../../docs/schemas/${schema}.json`);
  const validate =
    ajv.getSchema(schema) ?? ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')), schema).getSchema(schema)!;
  return validate(document) ? [] : validate.errors;
}

describe('json', () => {
  it('prints one document, as the schema says', () => {
    const written: string[] = [];
    const reporter = createJsonReporter({ write: (text) => written.push(text) });
    for (const event of run) reporter.handle(event);
    expect(written).to.have.length(1);
    const document = JSON.parse(written[0]!);
    expect(complaints('report', document)).to.deep.equal([]);
    expect(document.results).to.have.length(5);
    expect(document.results[1]).to.deep.equal({
      run_num: 1,
      id: '/etc/motd',
      sls: 'common',
      state: 'file',
      fun: 'managed',
      name: '/etc/motd',
      result: true,
      changes: { content: { diff: '@@ -1 +1 @@\n-a\n+b\n' }, mode: { old: '0600', new: '0644' } },
      comment: 'File updated',
      started: '2026-01-31T12:00:00.123+01:00',
      duration_ms: 1.25,
    });
    expect(document.results[2].errors[0].code).to.equal('unknown-argument');
    expect(document.summary).to.deep.equal({
      total: 5,
      unchanged: 1,
      changed: 1,
      would_change: 1,
      failed: 1,
      skipped: 1,
      duration_ms: 12.5,
    });
  });

  it('prints trouble before a run, as the schema says', () => {
    const document = JSON.parse(errorsAsJson([diagnostic, { code: 'no-top-file', message: 'None.' }]));
    expect(complaints('errors', document)).to.deep.equal([]);
    expect(document.errors).to.deep.equal([
      {
        code: 'unknown-argument',
        message: 'file.managed has no argument "sorce".',
        file: 'states/web/haproxy.yaml',
        line: 4,
        column: 7,
        hint: 'Did you mean "source"?',
        related: [],
        trail: [{ file: 'states/top.yaml', line: 3, column: 7 }],
      },
      {
        code: 'no-top-file',
        message: 'None.',
        file: null,
        line: null,
        column: null,
        hint: null,
        related: [],
        trail: [],
      },
    ]);
  });

  it('has schemas that refuse what they should', () => {
    expect(complaints('report', { results: [{}], summary: {} })).to.not.be.empty;
    expect(complaints('errors', { errors: [] })).to.not.be.empty;
    expect(complaints('event', { event: 'no-such' })).to.not.be.empty;
    expect(complaints('lowstate', [{ state: 'file' }])).to.not.be.empty;
  });
});

describe('ndjson', () => {
  it('prints one line per event, as the schema says', () => {
    const written: string[] = [];
    const reporter = createNdjsonReporter({ write: (text) => written.push(text) });
    for (const event of run) reporter.handle(event);
    expect(written).to.have.length(run.length);
    for (const line of written) {
      expect(line).to.match(/^[^\n]+\n$/);
      expect(complaints('event', JSON.parse(line)), line).to.deep.equal([]);
    }
    expect(JSON.parse(written[3]!)).to.deep.equal({
      event: 'effect-performed',
      effect: 'remove',
      path: '/etc/old',
      became: 'done',
    });
    expect(JSON.parse(written.at(-1)!)).to.deep.include({ event: 'run-finished', unknown: 1 });
  });

  it('keeps contents to itself', () => {
    const written: string[] = [];
    const reporter = createNdjsonReporter({ write: (text) => written.push(text) });
    const content = Buffer.from('secret');
    reporter.handle({
      kind: 'effect-performed',
      effect: { kind: 'write', path: '/x', content },
      became: 'done',
    });
    expect(JSON.parse(written[0]!)).to.deep.equal({
      event: 'effect-performed',
      effect: 'write',
      path: '/x',
      became: 'done',
    });
  });

  it('prints trouble before a run, as the schema says', () => {
    const line = JSON.parse(errorsAsNdjson([diagnostic]));
    expect(complaints('event', line)).to.deep.equal([]);
  });
});
