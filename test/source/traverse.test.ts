/** Colon paths find what Salt's pillar.get finds. */
import { expect } from 'chai';
import { traverse } from '../../engine/source/traverse.ts';

const data = new Map<unknown, unknown>([
  [
    'a',
    new Map<unknown, unknown>([
      ['b', 1],
      [8080, 'number key'],
      [true, 'yes key'],
      ['8081', 'text key'],
      ['none', null],
    ]),
  ],
  ['l', [new Map([['x', 'inside']]), 'second', new Map<unknown, unknown>([[1, 'key before position']])]],
  ['plain', ['first', 'second']],
  ['text', 'abc'],
  ['', 'empty'],
]);

const CASES: [path: unknown, found: unknown, delimiter?: string][] = [
  ['a:b', 1],
  ['a/b', 1, '/'],
  ['a:8080', 'number key'],
  ['a:yes', 'yes key'],
  ['a:8081', 'text key'],
  ['a:none', null],
  ['a:nope', undefined],
  ['a:b:c', undefined],
  ['l:x', 'inside'],
  ['l:0:x', 'inside'],
  ['l:1', 'key before position'],
  ['plain:1', 'second'],
  ['plain:-1', 'second'],
  ['plain:7', undefined],
  ['plain:x', undefined],
  ['text:0', undefined],
  ['', 'empty'],
  [['a', 'b'], 1],
];

describe('traverse', () => {
  for (const [path, found, delimiter] of CASES) {
    it(`${JSON.stringify(path)} → ${JSON.stringify(found)}`, () => {
      expect(traverse(data, path, delimiter)).to.equal(found);
    });
  }
});
