/** Every diagnostic code is raised somewhere and documented, and none is made up on the spot. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { codes } from '../../engine/core/codes.ts';
import { engine, top } from './sources.ts';

const raising = engine.filter(({ path }) => path !== 'engine/core/codes.ts');

describe('codes', () => {
  for (const code of Object.keys(codes)) {
    it(`${code} is raised somewhere`, () => {
      expect(raising.some(({ text }) => text.includes(`'${code}'`))).to.equal(true);
    });
  }

  it('are kebab case, each with a sentence', () => {
    for (const [code, meaning] of Object.entries(codes)) {
      expect(code).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(meaning).to.match(/^[A-Z].*\.$/);
    }
  });

  it('that are raised exist', () => {
    const raised = raising.flatMap(({ path, text }) =>
      [...text.matchAll(/\bcode: '([^']+)'/g)].map(([, code]) => ({ path, code: code! })),
    );
    expect(raised).to.not.be.empty;
    // System errors (ENOENT) are not ours.
    const unknown = raised.filter(({ code }) => !Object.hasOwn(codes, code) && !/^[A-Z0-9_]+$/.test(code));
    expect(unknown).to.deep.equal([]);
  });

  it('are documented', () => {
    const page = readFileSync(join(top, 'docs/errors.md'), 'utf8');
    expect(Object.keys(codes).filter((code) => !page.includes(`\`${code}\``))).to.deep.equal([]);
  });
});
