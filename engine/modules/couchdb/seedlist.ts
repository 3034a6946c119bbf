/** couchdb.seedlist: CouchDB turns to these nodes when it starts. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { iniText, parseIni } from './_ini.ts';
import { type KeptFile, lookAt, ownFile, type Present, placeProperties, stepsFor } from './_kept-file.ts';
import {
  doing,
  path,
  type Server,
  serverOf,
  serverProperties,
  settled,
  settledGone,
  wrong,
} from './_server.ts';
import { lookForSetting, type Setting } from './_settings.ts';

const subject = 'cluster/seedlist';

interface Now {
  readonly file: Present;
  /** What was set by a request: it counts more than the file. */
  readonly told: string | undefined;
  /** What the CouchDB that runs goes by. Undefined: none answers. */
  readonly running: Setting | undefined;
  /** Why one that answers does not tell. */
  readonly untold?: string;
}

export default defineState({
  summary: 'these are the nodes that CouchDB turns to when it starts',
  description: `
They are members from then on, and until one of them has answered CouchDB says of itself that it is not up. A node that has left
must not be in any list: the next start with it would add it again.

The list is a file of its own, \`etc/local.d/30-seedlist.ini\`, because it changes whenever a node joins or leaves: CouchDB
reads it again while it runs, and no service has to be restarted. Put it before the service, which it has to precede at the
first start. Settings that were made by requests and are kept nowhere are lost when it is read again.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Any name; that of the node is a good one.' },
    nodes: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$' },
      description: 'Their names, such as `couchdb@10.0.0.1`; the node itself may be among them.',
    },
    ...placeProperties,
    ...serverProperties,
  },
  required: ['nodes'],
  examples: [
    {
      title: 'before CouchDB is started',
      sls: `couchdb@10.0.0.1 knows whom to turn to:
  couchdb.seedlist:
    - nodes: [couchdb@10.0.0.1, couchdb@10.0.0.2, couchdb@10.0.0.3]
    - require_in:
      - service: couchdb

couchdb:
  service.running: []
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read({ folder, ...args }, reader): Promise<Now | Refusal> {
    const own = reader.content(ownFile(folder))?.toString() ?? '';
    const now = {
      file: lookAt(reader, fileIn(folder)),
      told: parseIni(own).get('cluster')?.get('seedlist'),
    };
    if (reader.rooted) return { ...now, running: undefined };
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    if (!(await answers(reader, server))) return { ...now, running: undefined };
    try {
      const running = await lookForSetting({ ...args, name: subject, node: '_local' }, reader);
      return 'refused' in running ? running : { ...now, running };
    } catch (error) {
      // Its restart may be what makes the login good.
      if (error instanceof HostTrouble) return { ...now, running: undefined, untold: error.message };
      throw error;
    }
  },
  plan({ nodes, folder, user }, now) {
    if ('refused' in now) return now;
    const { file, told, running, untold } = now;
    const list = nodes.join(',');
    if (told !== undefined && told !== list)
      return wrong(
        `A request has set ${subject} to "${told}", which counts more`,
        `Take it back: couchdb.config_absent with the name ${subject}.`,
      );
    const steps = stepsFor(kept(folder, list, file), file, user);
    if (running && (running.value ?? '') !== list) {
      const { server, at, value } = running;
      const change = { subject, ...(value ? { old: value } : {}), ...(list === '' ? {} : { new: list }) };
      const settles =
        list === '' ? settledGone(server, at, 'unknown_config_value') : settled(server, at, list);
      const reload = path('_node', '_local', '_config', '_reload');
      const effect = doing(server, { method: 'POST', at: reload, success: [200], settles: [settles] });
      steps.push({ change, effect });
    }
    const warnings = untold === undefined ? [] : [`CouchDB reads the list when it starts again: ${untold}`];
    return { steps, warnings };
  },
});

function fileIn(folder: string): string {
  return `${folder}/etc/local.d/30-seedlist.ini`;
}

function kept(folder: string, list: string, present: Present): KeptFile {
  const file = fileIn(folder);
  const settings = new Map(list === '' ? [] : [['cluster', new Map([['seedlist', list]])]]);
  const old = parseIni(present.text ?? '')
    .get('cluster')
    ?.get('seedlist');
  const changes = old === list ? [] : [{ subject: file, ...(old === undefined ? {} : { old }), new: list }];
  return { path: file, content: iniText(settings), mode: 0o640, changes: () => changes };
}

async function answers(reader: Reader, { url }: Server): Promise<boolean> {
  try {
    await reader.request({ url: `${url}/` });
    return true;
  } catch (error) {
    if (error instanceof HostTrouble) return false;
    throw error;
  }
}
