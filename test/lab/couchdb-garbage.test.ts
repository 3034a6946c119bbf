/** Whatever answers in CouchDB's place, a state fails in words, or makes a plan; it never breaks. */
import { once } from 'node:events';
import * as http from 'node:http';
import type * as net from 'node:net';
import { expect } from 'chai';
import { HostTrouble } from '../../engine/core/host.ts';
import type { AnyState } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { listStates, loadState } from '../../engine/modules/find.ts';
import { planOf } from '../helpers/apply.ts';

const name = 'couchdb@node1';
const args: { readonly [address: string]: object } = {
  'couchdb.cluster_member': { name, nodes: [name, 'couchdb@127.0.0.2'] },
  'couchdb.cluster_member_absent': { name: 'couchdb@127.0.0.2' },
  'couchdb.config': { name: 'admins/eve', value: 'x' },
  'couchdb.config_absent': { name: 'a/b' },
  'couchdb.database': { name: 'some', q: 4 },
  'couchdb.database_absent': { name: 'some' },
  'couchdb.design_document': { name: 'some', database: 'some', document: { views: {} } },
  'couchdb.design_document_absent': { name: 'some', database: 'some' },
  'couchdb.security': { name: 'some', members: { names: ['a'] } },
  'couchdb.seedlist': { name, nodes: [name], folder: '/nonexistent' },
  'couchdb.shards': { name },
  'couchdb.shards_absent': { name },
  'couchdb.user': { name: 'eve', password: 'x', roles: ['a'], admin_password: 'secret' },
  'couchdb.user_absent': { name: 'eve', admin_password: 'secret' },
};

const bodies: readonly string[] = [
  ...['', '<html>Not what you think</html>', 'null', '7', '"text"', '[]', '[null]', '{}', '{"a":'],
  '{"ok":true,"name":7,"all_nodes":{},"cluster_nodes":null,"rows":{},"members":"x","admins":[7],"roles":{}}',
  `{"name":"${name}","all_nodes":["${name}",null],"cluster_nodes":["${name}"],"rows":[null,7,{"id":1,"doc":{"by_range":7}}]}`,
  `{"name":"${name}","all_nodes":["${name}"],"cluster_nodes":["${name}"],"rows":[{"id":"a","doc":{"by_range":{"x":null},"shard_suffix":"y"}}],"_conflicts":7,"salt":"a","iterations":-1,"derived_key":"","password_scheme":"pbkdf2","pbkdf2_prf":"constructor"}`,
  `{"name":"${name}","all_nodes":["${name}"],"cluster_nodes":["${name}"],"rows":[{"id":"a","doc":{"by_range":{"x":["${name}"]},"by_node":7,"changelog":7,"shard_suffix":[46,"x",99999999]}}],"doc_count":"many","members":{"names":7},"props":7,"cluster":"x"}`,
];

describe('in place of CouchDB', () => {
  let server: http.Server;
  let url: string;
  let answer: { readonly status: number; readonly body: string };
  before(async () => {
    server = http.createServer((_request, response) => {
      response.writeHead(answer.status).end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  });
  after(() => server.close());

  async function look(state: AnyState, more: object): Promise<void> {
    const login = 'admin_password' in state.properties ? {} : { password: 'secret' };
    try {
      await planOf(state, { url, ...login, ...more }, createLocalHost());
    } catch (error) {
      const { message } = error as Error;
      const what = `${JSON.stringify(answer)}: ${(error as Error).stack}`;
      expect(error, what).to.be.instanceOf(HostTrouble);
      expect(message).to.match(/\.$/);
    }
  }

  for (const address of listStates().filter((one) => one.startsWith('couchdb.') && one !== 'couchdb.node'))
    it(`${address} stands whatever answers`, async () => {
      const state = await loadState(address);
      expect(args, 'arguments to try').to.have.property(address);
      for (const status of [200, 201, 302, 401, 404, 500])
        for (const body of bodies) {
          answer = { status, body };
          await look(state, args[address]!);
        }
    });
});
