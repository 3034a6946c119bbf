/** Every file says what it is for, and is named after it. */
import { basename } from 'node:path';
import { expect } from 'chai';
import { engine, type SourceFile, sourcesBelow } from './sources.ts';

const all = [...engine, ...sourcesBelow('test'), ...sourcesBelow('scripts'), ...sourcesBelow('bench')];

function offenders(files: readonly SourceFile[], isWrong: (file: SourceFile) => boolean): string {
  return files
    .filter(isWrong)
    .map(({ path }) => path)
    .join('\n');
}

describe('files', () => {
  it('begin with their purpose in one sentence', () => {
    const because = 'docs/architecture.md is made of these lines: /** What this file is for. */';
    const isWrong = ({ text }: SourceFile) => !/^\/\*\* \S.*\. \*\/\n/.test(text);
    // A test is about the file it is named after.
    expect(
      offenders(
        all.filter(({ path }) => !path.endsWith('.test.ts')),
        isWrong,
      ),
      because,
    ).to.equal('');
  });

  it('are named in kebab case, but for states, which keep the spelling of Salt', () => {
    const isWrong = ({ path }: SourceFile) => {
      const name = basename(path).replace(/(\.test|\.d)?\.ts$/, '');
      const ofState = /^(engine|test)\/modules\/[^/]+\//.test(path);
      return !(ofState ? /^_?[a-z0-9]+([-_][a-z0-9]+)*$/ : /^_?[a-z0-9]+(-[a-z0-9]+)*$/).test(name);
    };
    expect(offenders(all, isWrong)).to.equal('');
  });

  it('have names that say something', () => {
    const because = 'A file that could hold anything will. Name the one idea it is about.';
    const isWrong = ({ path }: SourceFile) =>
      /(^|\/)(utils?|helpers?|index|types|misc|common)(\/|\.ts$)/.test(path);
    expect(offenders(engine, isWrong), because).to.equal('');
  });

  it('have no default export, unless they are a state or a beacon', () => {
    const isFound = (path: string) =>
      /^engine\/(?:modules\/[^/]+|watch\/beacons)\/[^_/][^/]*\.ts$/.test(path);
    expect(offenders(engine, ({ path, text }) => /^export default/m.test(text) !== isFound(path))).to.equal(
      '',
    );
  });

  it('load modules of Node on demand by process.getBuiltinModule', () => {
    const because = 'In the installed form import() of them prints a warning of Node.';
    const isWrong = ({ text }: SourceFile) => /(?<!typeof )\bimport\('node:/.test(text);
    expect(offenders(engine, isWrong), because).to.equal('');
  });

  it('re-export nothing, so that a name has one home', () => {
    expect(offenders(engine, ({ text }) => /^export (\*|\{[^}]*\}) from/m.test(text))).to.equal('');
  });

  it('need no enum, namespace or parameter property, which types alone cannot erase', () => {
    const isWrong = ({ text }: SourceFile) => /^(export )?(declare )?(const )?(enum|namespace) /m.test(text);
    expect(offenders(all, isWrong)).to.equal('');
  });

  it('spell as the British do', () => {
    const american = /\b(normalize|initialize|recognize|behavior|canceled|serializer?s? is)\b/;
    const words = ({ text }: SourceFile) =>
      american.test(
        [...text.matchAll(/\/\*\*[\s\S]*?\*\/|\/\/ .*$/gm)]
          .map(([comment]) => comment.replace(/`[^`]*`/g, ''))
          .join('\n'),
      );
    expect(offenders(engine, words)).to.equal('');
  });
});
