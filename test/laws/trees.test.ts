/** The state trees of states/: each says what it takes, and what we give as an example of a pillar is taken. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stage } from '../helpers/cli.ts';
import { top } from './sources.ts';

const trees = readdirSync(join(top, 'states'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

interface Part {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: { readonly [name: string]: Part };
}

const read = (path: string) => readFileSync(join(top, path), 'utf8');

describe('state trees', () => {
  for (const tree of trees) {
    it(`${tree} has a way in, a page, and a schema of its pillar with a word on every key`, () => {
      for (const file of ['init.yaml', 'README.md'])
        expect(existsSync(join(top, 'states', tree, file)), file).to.equal(true);
      const schema = JSON.parse(read(`states/${tree}/pillar.schema.json`)) as Part & { $schema: string };
      expect(schema.$schema).to.equal('https://json-schema.org/draft/2020-12/schema');
      expect(schema).to.not.have.property('additionalProperties');
      const keys = Object.entries(schema.properties?.[tree]?.properties ?? {});
      expect(keys).to.not.deep.equal([]);
      expect(
        keys.filter(([, { description, $ref }]) => !description && !$ref).map(([key]) => key),
      ).to.deep.equal([]);
    });
  }

  for (const role of ['app', 'db']) {
    it(`take the settings and secrets that we give as examples, on a node that is ${role}`, async () => {
      const secrets = read('pillar/secrets.example.yaml').replaceAll(
        '!secret …',
        '0123456789abcdef'.repeat(2),
      );
      await using place = stage({
        'pillar/top.yaml': read('pillar/top.yaml'),
        'pillar/settings.yaml': read('pillar/settings.yaml'),
        'pillar/secrets.yaml': secrets,
        'c.yaml': `states: ${join(top, 'states')}\ntemplates: ${join(top, 'templates')}\npillar: pillar\ngrains: {role: ${role}}\n`,
      });
      const { stdout } = await place.run('lint', '--json', '--id', 'one.example.org', '--config', 'c.yaml');
      expect(JSON.parse(stdout)).to.deep.include({ errors: [], unchecked: [] });
    });
  }

  for (const [role, entries] of Object.entries({
    app: ['firewall', 'common', 'dns', 'letsencrypt', 'haproxy', 'bird', 'api'],
    db: ['firewall', 'common', 'dns', 'letsencrypt', 'haproxy', 'couchdb'],
    none: ['common'],
  })) {
    it(`are given in this order to a node that is ${role}`, async () => {
      await using place = stage({
        'c.yaml': `states: ${join(top, 'states')}\npillar: ${join(top, 'pillar')}\ngrains: {role: ${role}}\n`,
      });
      const { stdout } = await place.run('show', 'top', '--json', '--config', 'c.yaml');
      expect(JSON.parse(stdout)).to.deep.equal({ base: entries });
    });
  }
});
