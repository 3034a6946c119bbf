/** Salt's module `pkg`, as far as it only looks. */
import { str } from '../jinja/printing.ts';
import { type ContextFunction, type FunctionModule, unavailable } from './context.ts';

/** Salt: one name is answered by a text, several by a dict, and no package by an empty text. */
function answered(names: readonly string[], version: (name: string) => string | undefined): unknown {
  if (names.length === 1) return version(names[0]!) ?? '';
  return new Map(names.map((name) => [name, version(name) ?? '']));
}

const version: ContextFunction = async (context, args) => {
  const packages = await context.host().packages();
  return answered(args.map(str), (name) => {
    const found = packages.get(name);
    return found?.state === 'installed' ? found.version : undefined;
  });
};

/** Salt: empty where the newest version is installed. */
const latestVersion: ContextFunction = async (context, args) => {
  const names = args.map(str);
  const host = context.host();
  const [packages, candidates] = await Promise.all([host.packages(), host.candidates(names)]);
  return answered(names, (name) => {
    const newest = candidates.get(name);
    return newest === packages.get(name)?.version ? undefined : newest;
  });
};

const changes = 'a template only looks';

export const functions: FunctionModule = {
  version,
  latest_version: latestVersion,
  available_version: latestVersion,
  upgrade_available: async (context, args, kwargs) => {
    const installed = await version(context, args.slice(0, 1), kwargs);
    return installed !== '' && (await latestVersion(context, args.slice(0, 1), kwargs)) !== '';
  },
  list_pkgs: async (context) => {
    const packages = [...(await context.host().packages())];
    return new Map(
      packages.filter(([, one]) => one.state === 'installed').map(([name, one]) => [name, one.version]),
    );
  },
  install: unavailable('pkg.install', changes, 'the state pkg.installed'),
  remove: unavailable('pkg.remove', changes, 'the state pkg.removed'),
  purge: unavailable('pkg.purge', changes, 'the state pkg.purged'),
  refresh_db: unavailable('pkg.refresh_db', changes, 'the argument "refresh" of pkg.installed'),
};
