/** A host that tells what is taken from elsewhere. */
import { join } from 'node:path';
import { expect } from 'chai';
import type { TemplateRequest } from '../../engine/core/host.ts';
import { tellingInputs } from '../../engine/host/inputs.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createTree } from '../../engine/source/tree.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

describe('a host that tells its inputs', () => {
  it('tells sources, folders and what templates render to, and not what is missing', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { 'states/d/a': 'A', 'states/t': 'T', local: 'L' });
    const told = new Map<string, unknown>();
    const local = createLocalHost({
      sources: createTree([join(folder.path, 'states')]),
      render: (request) => ({ text: `rendered ${request.source.content}`, place: () => undefined }),
    });
    const host = tellingInputs(local, (url, content) => told.set(url, content));
    const source = host.source('salt://t');
    host.source('salt://no');
    host.source(join(folder.path, 'local'));
    host.sourceTree('salt://d');
    host.sourceTree('salt://no');
    if (!('content' in source)) throw new Error(source.missing);
    const request: TemplateRequest = { engine: 'jinja', source, context: new Map(), id: 'x', sls: 'y' };
    await host.render(request);
    expect([...told.keys()]).to.have.members(['salt://t', join(folder.path, 'local'), 'salt://d/']);
    expect(told.get('salt://t'), 'the text takes the place of its template').to.equal('rendered T');
  });
});
