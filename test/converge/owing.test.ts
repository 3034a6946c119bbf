/** A state that is cut off between its own effects: what the first of them calls for is not forgotten. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { lowState, runnables } from '../../engine/compile/compile.ts';
import { converge } from '../../engine/converge/converge.ts';
import type { ChunkResult } from '../../engine/core/event.ts';
import type { Effect, Performed } from '../../engine/core/host.ts';
import { type AnyState, defineState, type Step } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { createLedger } from '../../engine/journal/owed.ts';
import { parseYaml, placesIn } from '../../engine/source/yaml.ts';
import { temporaryFolder } from '../helpers/folders.ts';

function write(path: string, text: string): Step {
  return {
    change: { subject: path, old: undefined, new: text },
    effect: { kind: 'write', path, content: Buffer.from(text) },
  };
}

/** Keeps a configuration, and something running by it that it notes in a file of its own. */
function unitIn(folder: string, effects: 'both' | 'one') {
  const config = join(folder, 'config');
  const running = join(folder, 'running');
  return defineState({
    summary: 'the configuration is in force',
    properties: {},
    examples: [],
    read: (_, reader) => reader.content(config)?.toString(),
    plan: (_, now) =>
      now === 'new'
        ? []
        : effects === 'both'
          ? [write(config, 'new'), write(running, 'new')]
          : [write(config, 'new')],
    react: (_, __, taken) => (taken.length > 0 ? [] : [write(running, 'new')]),
  });
}

function run(folder: string, name: string, effects: 'both' | 'one', breaksAt?: string) {
  return runTree(folder, name, {
    yaml: 'unit: test.nop\n',
    definitions: { 'test.nop': unitIn(folder, effects) },
    before(effect) {
      if (effect.kind === 'write' && effect.path === breaksAt) throw new Error('the power failed');
    },
  });
}

interface Given {
  readonly yaml: string;
  readonly definitions: { readonly [address: string]: AnyState };
  /** Instead of an effect: throws, or says what became of it. */
  readonly before: (effect: Effect) => Performed | undefined;
}

async function runTree(folder: string, name: string, { yaml, definitions, before }: Given) {
  const { value } = parseYaml(yaml, placesIn('main.sls', yaml));
  const origin = { place: () => ({ file: 'main.sls', line: 1, column: 1 }) };
  const sls = {
    name: 'main',
    file: 'main.sls',
    isInit: false,
    value,
    locate: () => origin,
    ambiguous: () => undefined,
    trail: [],
  };
  const order = runnables(lowState([sls]).chunks, {
    list: () => Object.keys(definitions),
    get: (address) => definitions[address]!,
  });
  const local = createLocalHost();
  const host = {
    ...local,
    async perform(effect: Effect) {
      return before(effect) ?? (await local.perform(effect));
    },
  };
  const ledger = createLedger({
    folder: join(folder, 'state'),
    run: name,
    tree: [folder],
    now: Date.now,
    onTrouble: (message) => expect.fail(message),
  });
  const results: ChunkResult[] = [];
  const ended = converge(order, {
    host,
    shadow: () => createOverlay(host),
    emit: (event) => event.kind === 'state-finished' && results.push(event.result),
    call: () => true,
    failhard: false,
    wait: undefined,
    dry: false,
    ledger,
  });
  return { ended, ledger, results };
}

describe('a state with several effects', () => {
  it('that was cut off after the first of them reacts in the next run to what it did itself', async () => {
    await using folder = temporaryFolder();
    const running = join(folder.path, 'running');
    const killed = await run(folder.path, 'first', 'both', running);
    const failure = await killed.ended.then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failure).to.equal('the power failed');
    const next = await run(folder.path, 'second', 'both');
    await next.ended;
    expect(readFileSync(running, 'utf8')).to.equal('new');
    expect(next.results[0]!.comment).to.include('Owed since');
    expect(next.ledger.list()).to.deep.equal([]);
  });

  it('owes nothing when all of them were performed', async () => {
    await using folder = temporaryFolder();
    const { ended, ledger } = await run(folder.path, 'first', 'both');
    await ended;
    expect(ledger.list()).to.deep.equal([]);
  });

  it('owes nothing where there is but one', async () => {
    await using folder = temporaryFolder();
    const killed = await run(folder.path, 'first', 'one', join(folder.path, 'config'));
    await killed.ended.catch(() => {});
    expect(killed.ledger.list()).to.deep.equal([]);
  });
});

describe('two states that answer for the same thing', () => {
  const yaml = `
config: test.config
first:
  test.service: [{name: web}, {watch: [{test: config}]}]
second:
  test.service: [{name: NAME}, {watch: [{test: config}]}]
`;

  async function owed(name: string) {
    await using folder = temporaryFolder();
    const config = join(folder.path, 'config');
    const properties = { name: { type: 'string', description: 'Its name.' } } as const;
    const rest = { summary: 'it is as it should be', properties, examples: [] };
    let failures = 0;
    const { ended, ledger, results } = await runTree(folder.path, 'first', {
      yaml: yaml.replace('NAME', name),
      definitions: {
        'test.config': defineState({
          ...rest,
          read: (_, reader) => reader.content(config)?.toString(),
          plan: (_, now) => (now === undefined ? [write(config, 'new')] : []),
        }),
        'test.service': defineState({
          ...rest,
          owns: (args) => [{ kind: 'unit', name: args.name }],
          read: () => undefined,
          plan: () => [],
          react: () => [write(join(folder.path, 'running'), 'new')],
        }),
      },
      before: (effect) =>
        effect.kind === 'write' && effect.path.endsWith('running') && failures++ === 0
          ? { became: 'failed', reason: 'not yet' }
          : undefined,
    });
    await ended;
    expect(results.map(({ result }) => result)).to.deep.equal([true, false, true]);
    return ledger.list().map(({ debtor }) => debtor.id);
  }

  it('owe nothing when one of them has failed to react, and another one did', async () => {
    expect(await owed('web')).to.deep.equal([]);
  });

  it('are not taken for one where they answer for different things', async () => {
    expect(await owed('mail')).to.deep.equal(['first']);
  });
});
