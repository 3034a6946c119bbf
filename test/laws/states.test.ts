/** What must hold for every state there is: a tester, a documented schema, an example, a clean import list. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect } from 'chai';
import type { Schema } from '../../engine/core/schema.ts';
import type { AnyState } from '../../engine/core/state.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';

const top = path.resolve(import.meta.dirname, '../..');
const modules = path.join(top, 'engine/modules');

/** Why: HOUSE rules on what may be imported by the folder of a family. */
const forbidden = [
  /^node:(fs|child_process|process|os|net|http)/,
  /^execa$/,
  /^fs$/,
  /^\.\.\/(?!\.\.\/core\/)/,
];

describe('law: every state', () => {
  const addresses = listStates();

  it('is found', () => {
    expect(addresses).to.include.members(['cmd.run', 'environ.setenv', 'test.nop']);
  });

  for (const address of addresses) {
    describe(address, () => {
      let state: AnyState;
      before(async () => {
        state = await loadState(address);
      });

      it('has a test of its own', () => {
        const test = path.join(top, 'test/modules', `${address.replace('.', '/')}.test.ts`);
        expect(fs.existsSync(test), path.relative(top, test)).to.equal(true);
      });

      it('has a summary that completes "It holds when…"', () => {
        expect(state.summary).to.match(/^[^A-Z\s]/, 'starts small');
        expect(state.summary).to.match(/[^.\s]$/, 'ends without full stop');
        expect(state.summary).to.not.include('\n');
        expect(state.summary.length).to.be.within(10, 120);
      });

      it('describes all its arguments in sentences', () => {
        for (const [name, schema] of Object.entries(state.properties) as [string, Schema][]) {
          expect(schema.description ?? '', name).to.match(
            /^([A-Z`/]|(true|false): ).*[.…]$/s,
            `${address}: ${name}`,
          );
        }
        for (const name of state.required ?? []) {
          if (name !== 'name') expect(Object.keys(state.properties)).to.include(name);
        }
      });

      it('has an example with a title, made of this state', () => {
        expect(state.examples.length).to.be.greaterThan(0);
        const [family, fun] = address.split('.');
        for (const { title, sls } of state.examples) {
          expect(title).to.match(/^[^A-Z\s].*[^.\s]$/, 'a fragment of a sentence');
          expect(sls.endsWith('\n'), `${title} ends with a newline`).to.equal(true);
        }
        const shown = state.examples.map(({ sls }) => sls).join('');
        expect(shown.includes(address) || (shown.includes(`${family}:`) && shown.includes(fun!))).to.equal(
          true,
        );
      });

      it('works with nothing but what it is given', () => {
        for (const file of filesOf(address)) {
          for (const name of importsOf(file)) {
            const offends = forbidden.some((pattern) => pattern.test(name));
            expect(offends, `${path.relative(top, file)} imports ${name}`).to.equal(false);
          }
        }
      });
    });
  }
});

/** The state's file and those shared in its folder. */
function filesOf(address: string): string[] {
  const [family] = address.split('.');
  const shared = fs.readdirSync(path.join(modules, family!)).filter((name) => name.startsWith('_'));
  return [`${address.split('.')[1]}.ts`, ...shared].map((name) => path.join(modules, family!, name));
}

function importsOf(file: string): string[] {
  const text = fs.readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gm)].map((match) => match[1]!);
}
