/** Spreads what is written on the other side: `require_in` and its like, `use` and `use_in`. */
import type { Code } from '../core/codes.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import {
  type Argument,
  type High,
  itemOf,
  type Spot,
  type StateDeclaration,
  valueOrigin,
} from '../core/high.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import { ByValue, type Holder } from './by-value.ts';
import { type Extension, extend } from './extend.ts';
import { kindOf } from './kind-of.ts';
import { inverse, isEngineArgument, isRequisiteList } from './requisite-names.ts';

interface Book {
  readonly high: High;
  readonly byValue: ByValue;
}

/** Changes the high data. Extensions are gathered first and applied last, so none sees another's. */
export function spread(high: High, diagnostics: Diagnostic[]): void {
  const extensions: Extension[] = [];
  const book: Book = { high, byValue: new ByValue(high) };
  for (const { id, states } of high.values()) {
    for (const declaration of states.values()) {
      for (const arg of declaration.args) {
        // Salt: `listen_in` is left to the end of the run, which is sorted by it.
        if (arg.key === 'listen_in') continue;
        const becomes = inverse(arg.key);
        if (becomes === undefined && arg.key !== 'use' && arg.key !== 'use_in') continue;
        for (const target of targetsOf(book, arg, diagnostics)) {
          if (arg.key === 'use')
            extensions.push(extension(id, declaration, inherited(target.declaration, declaration)));
          else if (arg.key === 'use_in') {
            extensions.push(
              extension(target.id, target.declaration, inherited(declaration, target.declaration)),
            );
          } else {
            const requisite: Argument = {
              ...arg,
              key: becomes!,
              value: [new Map([[declaration.state, id]])],
              items: [arg],
            };
            extensions.push(extension(target.id, target.declaration, [requisite]));
          }
        }
      }
    }
  }
  for (const one of extensions) extend(high, one, book.byValue, diagnostics);
}

function extension(id: string, declaration: StateDeclaration, args: readonly Argument[]): Extension {
  return { id, state: declaration.state, args, sls: declaration.sls, path: declaration.path };
}

/** Salt: `use` copies written arguments that the user of them does not have; never names nor requisites. */
function inherited(from: StateDeclaration, to: StateDeclaration): Argument[] {
  const own = new Set(to.args.map((arg) => arg.key));
  return from.args.filter(
    ({ key }) =>
      !own.has(key) && !isRequisiteList(key) && key !== 'name' && key !== 'names' && key !== 'order',
  );
}

function targetsOf(book: Book, arg: Argument, diagnostics: Diagnostic[]): readonly Holder[] {
  // Salt: these may be one mapping instead of a list.
  if (isDict(arg.value)) {
    return [...arg.value].flatMap((entry) => targetsOfItem(book, arg, arg, new Map([entry]), diagnostics));
  }
  if (Array.isArray(arg.value)) {
    return arg.value.flatMap((item, position) =>
      targetsOfItem(book, arg, itemOf(arg, position), item, diagnostics),
    );
  }
  diagnostics.push({
    code: 'bad-requisite',
    message: `"${arg.key}" is ${kindOf(arg.value)}, expected a list of states.`,
    origin: valueOrigin(arg),
    hint: `Write "- ${arg.key}:" and below it "  - module: ID".`,
  });
  return [];
}

function targetsOfItem(
  book: Book,
  arg: Argument,
  spot: Spot,
  item: Value,
  diagnostics: Diagnostic[],
): readonly Holder[] {
  function wrong(message: string, hint: string, code: Code = 'bad-requisite'): Holder[] {
    diagnostics.push({ code, message, origin: valueOrigin(spot), hint });
    return [];
  }
  if (typeof item === 'string') {
    const found = byBareId(book, item);
    if (found.length > 0) return found;
    return wrong(
      `"${arg.key}" names "${item}", which is not declared.`,
      'Include the SLS that declares it, or correct the ID.',
      'requisite-not-found',
    );
  }
  if (!isDict(item) || item.size !== 1) {
    return wrong(`An item of "${arg.key}" is no "module: ID".`, 'Write each as "- module: ID".');
  }
  const [module, name] = [...item].map(([key, value]) => [keyText(key), value] as const)[0]!;
  if (module.includes('.')) {
    return wrong(
      `"${arg.key}" names "${module}: ${keyText(name)}"; a requisite names a module, without its function.`,
      `Write "${module.split('.')[0]}: ${keyText(name)}".`,
    );
  }
  if (typeof name !== 'string') {
    return wrong(
      `"${arg.key}" names ${kindOf(name)} of "${module}", expected text.`,
      'Put the ID in quotes.',
    );
  }
  const found = module === 'sls' ? ofSls(book.high, name) : byName(book, module, name);
  if (found.length > 0) return found;
  return wrong(
    `"${arg.key}" names "${module}: ${name}", which is not declared.`,
    'Include the SLS that declares it, or correct the ID.',
    'requisite-not-found',
  );
}

function byBareId({ high, byValue }: Book, id: string): readonly Holder[] {
  const [first] = high.get(id)?.states.values() ?? [];
  if (first) return [{ id, declaration: first }];
  return byValue
    .holders(id)
    .filter(({ declaration }) => declaration.args.some((arg) => arg.key === 'name' && arg.value === id));
}

/** Salt: any argument's value names the declaration; requisites hold lists and never match. */
function byName({ high, byValue }: Book, module: string, name: string): readonly Holder[] {
  const exact = high.get(name)?.states.get(module);
  if (exact) return [{ id: name, declaration: exact }];
  return byValue
    .holders(name)
    .filter(
      ({ declaration: { state, args } }) =>
        state === module && args.some((arg) => arg.value === name && !hasOtherMeaning(arg.key)),
    );
}

function hasOtherMeaning(key: string): boolean {
  return key !== 'name' && isEngineArgument(key);
}

function ofSls(high: High, name: string): Holder[] {
  return [...high.values()]
    .filter((declaration) => declaration.sls.name === name)
    .flatMap(({ id, states }) => [...states.values()].map((declaration) => ({ id, declaration })));
}
