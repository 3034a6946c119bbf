/** Schemas of states as checks. */
import { expect } from 'chai';
import { schemaOf, type Violation, validatorFor } from '../../engine/compile/validator.ts';

function broken(definition: Parameters<typeof schemaOf>[0], args: unknown): readonly Violation[] {
  const validate = validatorFor('m.f', definition);
  return validate(args) ? [] : validate.errors!;
}

describe('schemaOf', () => {
  it('adds the name, and closes what is not open', () => {
    expect(schemaOf({ properties: { a: { type: 'integer' } }, required: ['a'] })).to.deep.equal({
      type: 'object',
      properties: { name: { type: 'string' }, a: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    });
    expect(schemaOf({ properties: {}, anyArguments: true })).to.deep.include({ additionalProperties: true });
  });

  it('lets a state describe its name', () => {
    const name = { type: 'string', minLength: 1 } as const;
    expect(schemaOf({ properties: { name } })).to.deep.include({ properties: { name } });
  });
});

describe('validatorFor', () => {
  const definition = {
    properties: { a: { type: 'integer', minimum: 1 }, b: { type: ['string', 'null'] } },
    required: ['a'],
  } as const;
  const cases: [args: object, keywords: string[]][] = [
    [{ name: 'x', a: 1 }, []],
    [{ name: 'x', a: 1, b: null }, []],
    [{ name: 'x' }, ['required']],
    [{ name: 5, a: 1 }, ['type']],
    [{ name: 'x', a: 0 }, ['minimum']],
    [{ name: 'x', a: '1' }, ['type']],
    [{ name: 'x', a: Number.NaN }, ['type', 'minimum']],
    [{ name: 'x', a: 1, b: true }, ['type']],
    [{ name: 'x', a: 1, c: 1, constructor: 1 }, ['additionalProperties', 'additionalProperties']],
    [{ name: 5, a: 0, b: [] }, ['type', 'minimum', 'type']],
  ];
  for (const [args, keywords] of cases) {
    it(`${JSON.stringify(args)}: ${keywords.join(', ') || 'nothing'}`, () => {
      expect(
        broken(definition, args)
          .map(({ keyword }) => keyword)
          .sort(),
      ).to.deep.equal([...keywords].sort());
    });
  }

  it('takes a Map for a mapping', () => {
    expect(
      broken({ properties: { a: { type: 'object', ordered: true } } }, { name: 'x', a: new Map() }),
    ).to.deep.equal([]);
  });

  it('knows nothing of one state from another of the same address', () => {
    expect(broken({ properties: { a: { type: 'string' } } }, { name: 'x', a: 1 })).to.have.length(1);
    expect(broken({ properties: { a: { type: 'integer' } } }, { name: 'x', a: 1 })).to.deep.equal([]);
  });
});
