/** Secrets are found in every spelling, and what is around them stays as it is. */
import { expect } from 'chai';
import { automaton } from '../../engine/core/automaton.ts';
import { Secrets } from '../../engine/core/secret.ts';

function secrets(values: { readonly [path: string]: string }): Secrets {
  const found = new Secrets((value) => String(value.length).padStart(4, '0'));
  for (const [path, value] of Object.entries(values)) found.add(path, value);
  return found;
}

describe('automaton', () => {
  it('finds all that a plain search finds, overlapping and nested', () => {
    const random = generator(7);
    for (let round = 0; round < 500; round++) {
      const word = () =>
        Array.from({ length: 1 + random(round % 5 === 0 ? 14 : 4) }, () => 'abc'[random(3)]!).join('');
      const patterns = [...new Set(Array.from({ length: 1 + random(8) }, word))];
      const text = Array.from({ length: random(60) }, () => 'abcd'[random(4)]!).join('');
      const found = automaton(patterns.map((one) => ({ text: one })))(text).map(({ start, end, pattern }) => {
        expect(text.slice(start, end)).to.equal(patterns[pattern]);
        return `${start} ${pattern}`;
      });
      const wanted = patterns.flatMap((one, index) =>
        [...text].flatMap((_, start) => (text.startsWith(one, start) ? [`${start} ${index}`] : [])),
      );
      expect(found.sort(), `${patterns} in ${text}`).to.deep.equal(wanted.sort());
    }
  });
});

/** A small generator of numbers below a bound, the same for the same seed (xorshift32). */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

describe('secrets', () => {
  it('become path and fingerprint; the text around them stays', () => {
    const mask = secrets({ 'couchdb:admin': 'hunter2' });
    expect(mask.mask('admin = hunter2, and so on')).to.equal('admin = «couchdb:admin #0007», and so on');
    expect(mask.mask('nothing here')).to.equal('nothing here');
    expect(mask.holds('xhunter2y')).to.equal(true);
  });

  it('are masked once only', () => {
    const mask = secrets({ 'db:admin': 'admin' });
    const once = mask.mask('user admin');
    expect(once).to.equal('user «db:admin #0005»');
    expect(mask.mask(once)).to.equal(once);
  });

  it('that are parts of each other: the longest names the place, and nothing of either is left', () => {
    const mask = secrets({ a: 'swordfish', b: 'sword', c: 'fishing' });
    expect(mask.mask('swordfish sword swordfishing')).to.equal('«a #0009» «b #0005» «a #0009»');
  });

  it('that are short or numbers are found where they stand alone', () => {
    const mask = secrets({ pin: '42', letter: 'q', port: '5984' });
    expect(mask.mask('pin=42 1423 q quick "q" 5984 x5984y 159842')).to.equal(
      'pin=«pin #0002» 1423 «letter #0001» quick "«letter #0001»" «port #0004» x«port #0004»y 159842',
    );
    const noise = Buffer.from('=42= '.repeat(30)).toString('base64');
    expect(mask.mask(noise)).to.equal(noise);
    expect(mask.mask(JSON.stringify('a\n42\nb'))).to.equal('"a\\n«pin #0002»\\nb"');
  });

  it('of several lines are found line by line, however they are indented', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n';
    const mask = secrets({ key });
    expect(mask.mask('+   MIIEvQIBADANBg\n+   kqhkiG9w0BAQEF')).to.not.match(/MIIE|kqhk/);
    expect(mask.mask('-----BEGIN PRIVATE KEY-----')).to.equal('-----BEGIN PRIVATE KEY-----');
  });

  const shellQuoted = (text: string, quote: string) => `'${text.replaceAll("'", quote)}'`;
  const hard = `p'a"s$s\\w&o<r>d /+*(é)?[x] %20`;
  for (const [how, spelled] of [
    ['plain', hard],
    ['JSON', JSON.stringify(hard)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(hard))],
    ['JSON in JSON in JSON', JSON.stringify(JSON.stringify(JSON.stringify(hard))).slice(7, -7)],
    ['a URL', encodeURIComponent(hard)],
    ['a form', encodeURIComponent(hard).replaceAll('%20', '+')],
    ['base64', Buffer.from(hard).toString('base64')],
    ['base64 of a pair', Buffer.from(`user:${hard}`).toString('base64')],
    ['base64 of a triple', Buffer.from(`us:${hard}\n`).toString('base64')],
    ['URL-safe base64', Buffer.from(`u:${hard}`).toString('base64url')],
    ['base64 of JSON', Buffer.from(JSON.stringify({ the: 'password', is: hard })).toString('base64')],
    [
      'base64 of base64',
      Buffer.from(Buffer.from(`the password is ${hard}`).toString('base64')).toString('base64'),
    ],
    ['hex', Buffer.from(hard).toString('hex')],
    ['single quotes', `'${hard.replaceAll("'", "'\\''")}'`],
    ['single quotes in single quotes', shellQuoted(shellQuoted(hard, `'"'"'`), `'"'"'`).slice(6, -6)],
    ['single quotes in others', shellQuoted(shellQuoted(hard, `'\\''`), `'"'"'`).slice(6, -6)],
    ['double quotes', `"${hard.replace(/[\\"$`]/g, '\\$&')}"`],
    ['YAML', `'${hard.replaceAll("'", "''")}'`],
    [
      'JSON in ASCII',
      JSON.stringify(hard).replace(
        /[<>&'\u0080-\uffff]/g,
        (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    ],
    ['a URL in lower case', encodeURIComponent(hard).replace(/%../g, (one) => one.toLowerCase())],
    ['a URL in which everything is encoded', `%${Buffer.from(hard).toString('hex').match(/../g)!.join('%')}`],
    ['a URL in JSON in HTML', JSON.stringify(encodeURI(hard)).replaceAll('"', '&#34;')],
    ['HTML by numbers', hard.replace(/[^\w ]/g, (one) => `&#x${one.codePointAt(0)!.toString(16)};`)],
    ['a regular expression', hard.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')],
    ['CSV', `"${hard.replaceAll('"', '""')}"`],
    ['folded YAML', hard.replace(' /', '\n    /').replace(' %', '\n    %')],
    [
      'HTML',
      hard
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
    ],
  ] as const) {
    it(`are found as ${how}`, () => {
      const masked = secrets({ pw: hard }).mask(`before ${spelled} after`);
      expect(masked)
        .to.include('«pw #')
        .and.match(/^before /)
        .and.match(/ after$/);
      const left = masked
        .replace(/«[^»]*»/g, '')
        .replace(/^before /, '')
        .replace(/ after$/, '');
      expect(left.length, left).to.be.lessThan(12);
    });
  }

  it('are found as what YAML makes of them without quotes', () => {
    const mask = secrets({
      a: 'half of it # the rest',
      b: '*hunter2-x',
      c: '0123456701',
      d: '0xBEEF5EED',
      e: '12_345_678',
    });
    expect(mask.mask('half of it')).to.equal('«a #0021»');
    expect(mask.mask('unknown alias "hunter2-x"')).to.equal('unknown alias "«b #0010»"');
    expect(mask.mask('123456701 21913025')).to.equal('«c #0010» «c #0010»');
    expect(mask.mask('3203358445 12345678')).to.equal('«d #0010» «e #0010»');
  });

  it('of which an encoder made lines are found, whole and line by line', () => {
    const long = Array.from({ length: 30 }, (_, index) => `word${index * 7919}`).join('-');
    const known = secrets({ long });
    const mask = (text: string) => known.mask(text);
    for (const width of [64, 76]) {
      const lines = Buffer.from(long)
        .toString('base64')
        .match(new RegExp(`.{1,${width}}`, 'g'))!;
      expect(mask(lines.join('\n'))).to.equal('«long #0311»');
      for (const line of lines) expect(mask(`+  ${line}`)).to.equal('+  «long #0311»');
    }
    expect(mask(`x ${long.replaceAll('-', '-\n  ')} y`)).to.equal('x «long #0311» y');
  });

  it('that were cut are found by what is left of them', () => {
    const mask = secrets({ pw: 'correct horse battery staple', other: '/etc/x' });
    expect(mask.mask('"echo correct horse ba…" failed')).to.equal('"echo «pw #0028»…" failed');
    expect(mask.mask('head correct horse\n[12345 bytes left out]\nttery staple, tail')).to.equal(
      'head «pw #0028»\n[12345 bytes left out]\n«pw #0028», tail',
    );
    expect(mask.mask(JSON.stringify({ a: 'correct \u0068orse…' }))).to.equal('{"a":"«pw #0028»…"}');
    expect(mask.mask('correct%20horse%2…ry%20staple')).to.equal('«pw #0028»…«pw #0028»');
    expect(mask.mask('killed while it wrote correct horse ba')).to.equal('killed while it wrote «pw #0028»');
    expect(mask.mask('a correct hor')).to.equal('a correct hor');
    expect(mask.mask('corr…aple /etc/…')).to.equal('corr…aple /etc/…');
  });

  it('stay found where somebody writes them so that they look masked', () => {
    const mask = secrets({ pw: 'hunter2' });
    expect(mask.mask('«hunter2 #1234»')).to.equal('««pw #0007» #1234»');
    expect(secrets({ odd: '«Ab12 x»' }).mask('"\\u00abAb12 x\\u00bb"')).to.equal('"«odd #0008»"');
    expect(mask.mask(mask.label('hunter2', 'other'))).to.equal('«hunter2 #0005»');
  });

  it('that are empty or blank are none', () => {
    expect(secrets({ a: '', b: ' \n' }).isEmpty).to.equal(true);
  });

  it('take time that grows with the text only', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`s${index}`, `secret-${index}-value`]),
    );
    const mask = secrets(many);
    expect(mask.mask('x'.repeat(2_000_000)).length).to.equal(2_000_000);
    expect(mask.mask('aaaa'.repeat(500_000)).length).to.equal(2_000_000);
    expect(mask.mask('…'.repeat(200_000)).length).to.equal(200_000);
    expect(mask.mask('\\\\n%25%2541&amp;amp;'.repeat(20_000)).length).to.equal(400_000);
  });
});
