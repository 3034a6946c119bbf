/** The table of Salt functions that templates may call: one line per module. */
import type { FunctionTable, SaltFunction } from '../jinja/contracts.ts';
import { functions as cmd } from './cmd.ts';
import { functions as config } from './config.ts';
import type { FunctionContext, FunctionModule } from './context.ts';
import { functions as cp } from './cp.ts';
import { functions as defaults } from './defaults.ts';
import { functions as discovery } from './discovery.ts';
import { functions as dnsutil } from './dnsutil.ts';
import { functions as environ } from './environ.ts';
import { functions as file } from './file.ts';
import { functions as grains } from './grains.ts';
import { functions as group } from './group.ts';
import { functions as hashutil } from './hashutil.ts';
import { functions as http } from './http.ts';
import { functions as log } from './log.ts';
import { functions as match } from './match.ts';
import { functions as mine } from './mine.ts';
import { functions as network } from './network.ts';
import { functions as pillar } from './pillar.ts';
import { functions as pkg } from './pkg.ts';
import { functions as random } from './random.ts';
import { functions as sdb } from './sdb.ts';
import { functions as service } from './service.ts';
import { functions as slsutil } from './slsutil.ts';
import { functions as sysctl } from './sysctl.ts';
import { functions as test } from './test.ts';
import { functions as timezone } from './timezone.ts';
import { functions as user } from './user.ts';

export type { FunctionContext } from './context.ts';

const MODULES: Readonly<Record<string, FunctionModule>> = {
  cmd,
  config,
  cp,
  defaults,
  discovery,
  dnsutil,
  environ,
  file,
  grains,
  group,
  hashutil,
  http,
  log,
  match,
  mine,
  network,
  pillar,
  pkg,
  random,
  sdb,
  service,
  slsutil,
  sysctl,
  test,
  timezone,
  user,
};

export function createFunctions(context: FunctionContext): FunctionTable {
  const table = new Map<string, SaltFunction>();
  for (const [module, functions] of Object.entries(MODULES)) {
    for (const [name, run] of Object.entries(functions)) {
      table.set(`${module}.${name}`, (args, kwargs) => run(context, args, kwargs));
    }
  }
  return table;
}
