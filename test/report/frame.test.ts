import { expect } from 'chai';
import { at } from '../../engine/core/diagnostic.ts';
import { renderDiagnostic, renderDiagnostics } from '../../engine/report/frame.ts';
import { columnsOf } from '../../engine/report/visible.ts';
import { diagnostic, source } from './recorded.ts';

function frame(text: string | undefined, line: number, column: number, length?: number): string[] {
  const options = { readSource: () => text, color: false };
  const shown = renderDiagnostic(
    { code: 'yaml-syntax', message: 'M.', origin: at('f', line, column, length) },
    options,
  );
  return shown.trimEnd().split('\n').slice(2);
}

/** What the caret line underlines in the line above it. */
function underlined(lines: readonly string[]): string {
  const [line, caret] = lines.slice(-2) as [string, string];
  const start = caret.indexOf('^');
  let column = 0;
  let found = '';
  for (const character of line) {
    if (column >= start && caret[column] === '^') found += character;
    column += columnsOf(character);
  }
  return found;
}

describe('frame', () => {
  it('shows code, place, excerpt, caret, hint and trail', () => {
    expect(renderDiagnostic(diagnostic, { readSource: () => source, color: false })).to.equal(
      [
        'error[unknown-argument] states/web/haproxy.yaml:4:7',
        '  file.managed has no argument "sorce".',
        '    3 |     - name: /etc/haproxy/haproxy.cfg',
        '    4 |     - sorce: haproxy/haproxy.cfg',
        '      |       ^^^^^',
        '  Did you mean "source"?',
        '  included from states/top.yaml:3:7',
        '',
      ].join('\n'),
    );
  });

  it('shows related places with their own excerpt', () => {
    const related = [{ message: 'first declared here', origin: at('a.yaml', 1, 1, 25) }];
    const shown = renderDiagnostic({ ...diagnostic, related }, { readSource: () => source, color: false });
    expect(shown).to.include(
      '  first declared here: a.yaml:1:1\n    1 | /etc/haproxy/haproxy.cfg:\n      | ^^^^^^^^^^^^^^^^^^^^^^^^^\n',
    );
  });

  it('counts several', () => {
    const shown = renderDiagnostics([diagnostic, diagnostic], { readSource: () => undefined, color: false });
    expect(shown).to.match(/\n\nerror\[.*\n\n2 errors; nothing was touched\.\n$/s);
  });

  it('needs no place and no source', () => {
    const options = { readSource: () => undefined, color: false };
    expect(renderDiagnostic({ code: 'no-top-file', message: 'None.' }, options)).to.equal(
      'error[no-top-file]\n  None.\n',
    );
    expect(frame(undefined, 3, 1)).to.deep.equal([]);
    expect(frame('one line', 3, 1)).to.deep.equal([]);
  });

  it('names files as told', () => {
    const options = {
      readSource: () => undefined,
      color: false,
      nameFile: (file: string) => file.toUpperCase(),
    };
    expect(renderDiagnostic(diagnostic, options)).to.include('STATES/WEB/HAPROXY.YAML:4:7');
  });

  it('keeps line numbers of different width aligned', () => {
    const text = Array.from({ length: 12 }, (_, index) => `line${index + 1}`).join('\n');
    expect(frame(text, 10, 1, 4)).to.deep.equal(['     9 | line9', '    10 | line10', '       | ^^^^']);
  });

  it('underlines right after tabs, wide characters, combining marks and escapes', () => {
    for (const before of ['\t', 'a\tb', '日本語', '🎉', 'é', '\x1b[2J', '\u202e', '']) {
      const lines = frame(`${before}bad thing`, 1, before.length + 1, 3);
      expect(underlined(lines), JSON.stringify(before)).to.equal('bad');
    }
  });

  it('cuts long lines around the place, to 80 columns', () => {
    for (const [before, after] of [
      [0, 500],
      [50, 500],
      [500, 0],
      [500, 500],
      [100_000, 1_000_000],
      [69, 0],
    ] as const) {
      const lines = frame(`${'x'.repeat(before)}BAD${'y'.repeat(after)}`, 1, before + 1, 3);
      expect(underlined(lines), `${before}`).to.equal('BAD');
      for (const line of lines) expect(line.length).to.be.at.most(80);
    }
    const wide = frame(`${'日'.repeat(500)}BAD${'本'.repeat(500)}`, 1, 501, 3);
    expect(underlined(wide)).to.equal('BAD');
    for (const line of wide) {
      expect([...line].reduce((sum, one) => sum + columnsOf(one), 0)).to.be.at.most(80);
    }
  });

  it('marks the end of a line, and never more than there is', () => {
    expect(frame('abc', 1, 4)).to.deep.equal(['    1 | abc', '      |    ^']);
    expect(frame('abc\ndef', 1, 2, 50)).to.deep.equal(['    1 | abc', '      |  ^^']);
    expect(frame('', 1, 1)).to.deep.equal(['    1 |', '      | ^']);
    expect(frame('abc\r\ndef\r\n', 2, 1, 3)).to.deep.equal(['    1 | abc', '    2 | def', '      | ^^^']);
  });

  it('lets no text drive the terminal', () => {
    const hostile = {
      code: 'bad-id',
      message: 'a\x1b]0;title\x07b',
      hint: '\x9b31m',
      origin: at('x\n\x1by', 1, 1),
    } as const;
    const shown = renderDiagnostic(hostile, { readSource: () => '\x1b[31m\x00\x7f', color: false });
    expect(shown).to.not.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  it('colours when asked', () => {
    expect(renderDiagnostic(diagnostic, { readSource: () => source, color: true })).to.include('\x1b[31m');
  });
});
