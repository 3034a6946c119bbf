/** The generated pages say what the sources say, and every state and departure from Salt has its place in them. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { listStates } from '../../engine/modules/find.ts';
import { differences, tagged } from '../../scripts/docs/differences.ts';
import { generatedPages, outdatedPages } from '../../scripts/docs.ts';
import { engine, top } from './sources.ts';

describe('docs', () => {
  it('are up to date', async () => {
    expect(outdatedPages(await generatedPages()).join('\n'), 'Run "npm run docs".').to.equal('');
  });

  it('have a page for every state', () => {
    expect(
      listStates().filter((address) => !existsSync(join(top, `docs/states/${address}.md`))),
    ).to.deep.equal([]);
  });

  it('list every departure from Salt that a source tells of', () => {
    const page = readFileSync(join(top, 'docs/differences-from-salt.md'), 'utf8');
    const found = differences(top);
    for (const { file, text } of found) expect(page, file).to.include(`- ${text}\n`);
    const tags = engine.flatMap(({ text }) => [...text.matchAll(/Unlike Salt:(?!["'`])/g)]);
    expect(found).to.have.length(tags.length);
  });

  it('tell each departure in whole sentences', () => {
    const wrong = differences(top).filter(({ text }) => !/^[A-Z`\w].*[.)]$/.test(text));
    expect(wrong).to.deep.equal([]);
  });

  it('find the end of a departure in comments and in texts', () => {
    expect(tagged('// Unlike Salt: one\n// two.\nconst a = 1;')).to.deep.equal(['One two.']);
    expect(tagged('/**\n * First. Unlike Salt: one\n * two.\n *\n * More.\n */')).to.deep.equal(['One two.']);
    expect(tagged('/** Unlike Salt: one. */\nfunction a() {}')).to.deep.equal(['One.']);
    expect(tagged('`Text.\n\nUnlike Salt: file.a knows \\`b\\`,\nthen c.`,\n  next: 1')).to.deep.equal([
      'file.a knows `b`, then c.',
    ]);
    expect(tagged('`Unlike Salt: one.\nUnlike Salt: two.`')).to.deep.equal(['One.', 'Two.']);
  });

  it('link to files that exist', () => {
    const broken = globSync('{docs/**/*.md,*.md}', { cwd: top }).flatMap((page) =>
      [...prose(join(top, page)).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .filter(([, link]) => !existsSync(join(top, dirname(page), link!)))
        .map(([, link]) => `${page}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });
});

/** The text of a page without its code, in which brackets are no links. */
function prose(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
}
