/** Methods of dicts. */
import { bind } from './arguments.ts';
import { iterate } from './containers.ts';
import { dictDelete, dictGet, dictHas, dictSet } from './equality.ts';
import { pairsOf } from './methods-list.ts';
import { repr } from './printing.ts';
import { JinjaError, type Keywords, tuple, View } from './values.ts';

type Dict = Map<unknown, unknown>;
type DictMethod = (self: Dict, args: unknown[], kwargs: Keywords) => unknown;

function view(kind: View['kind']): DictMethod {
  return (self, args) => {
    bind(kind, [], args);
    return new View(kind, self);
  };
}

export const DICT_METHODS: { readonly [name: string]: DictMethod } = {
  get: (self, args, kwargs) => {
    const [key, usual] = bind('get', ['key!', 'default'], args, kwargs);
    const found = dictGet(self, key);
    return found !== undefined ? found : (usual ?? null);
  },
  items: view('items'),
  keys: view('keys'),
  values: view('values'),
  update: (self, args, kwargs) => {
    const [other] = bind('update', ['other'], args);
    if (other !== undefined) {
      for (const [key, value] of pairsOf('update', other)) dictSet(self, key, value);
    }
    for (const key of Object.keys(kwargs)) self.set(key, kwargs[key]);
    return null;
  },
  pop: (self, args) => {
    const [key, usual] = bind('pop', ['key!', 'default'], args);
    if (!dictHas(self, key)) {
      if (usual !== undefined) return usual;
      throw new JinjaError(`The dict has no key ${repr(key)} to pop.`);
    }
    const found = dictGet(self, key);
    dictDelete(self, key);
    return found;
  },
  popitem: (self) => {
    const last = [...self].at(-1);
    if (last === undefined) throw new JinjaError('popitem(): dictionary is empty');
    self.delete(last[0]);
    return tuple(...last);
  },
  setdefault: (self, args) => {
    const [key, usual] = bind('setdefault', ['key!', 'default'], args);
    const found = dictGet(self, key);
    if (found !== undefined) return found;
    dictSet(self, key, usual ?? null);
    return usual ?? null;
  },
  copy: (self) => new Map(self),
  clear: (self) => {
    self.clear();
    return null;
  },
  fromkeys: (_self, args) => {
    const [keys, value] = bind('fromkeys', ['iterable!', 'value'], args);
    const made: Dict = new Map();
    for (const key of iterate(keys)) dictSet(made, key, value ?? null);
    return made;
  },
};
