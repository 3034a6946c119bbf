/** Bundles the engine with all its dependencies, each evaluated only when it is first used. */
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { checkOf, stateTable, validators } from './generated.ts';

/** `createRequire` hides what a file loads on demand from the bundler; a plain `require` does not. */
function openRequires(source: string): string {
  return source
    .replace(/^const require = createRequire\(import\.meta\.url\);$/m, '')
    .replace(/createRequire\(import\.meta\.url\)\(/g, 'require(');
}

/** What Node has loaded itself before the program starts, or loads in no time. */
const immediate = new Set(
  'async_hooks buffer events fs module os path process timers url util vm'.split(' '),
);

/**
 * A module of Node as an object of getters. `crypto` alone takes 7 ms to load, `child_process` 4 ms; a run that
 * has nothing to change needs neither.
 */
function lazyBuiltin(name: string): string {
  const names = Object.keys(createRequire(import.meta.url)(name)).filter((one) => /^[\w$]+$/.test(one));
  const getters = names.map((one) => `get ${one}() { return real().${one}; }`);
  return `let module_; const real = () => module_ ??= process.getBuiltinModule('${name}');
module.exports = { ${getters.join(', ')} };`;
}

/**
 * Packages that are large and seldom used, with what is asked of each: files of their own beside the program, which
 * every run has to read.
 */
const apart: { readonly [name: string]: readonly string[] } = {
  'acme-client': ['acme-client'],
  ajv: ['ajv', 'ajv/dist/2020.js'],
};

/** The name of the file that holds what is asked for. */
function apartOf(path: string): string | undefined {
  return Object.keys(apart).find((name) => apart[name]!.includes(path));
}

function generated(top: string): Plugin {
  const written: { readonly [file: string]: () => string } = {
    [join(top, 'engine/modules/find.ts')]: stateTable,
    [join(top, 'engine/compile/validator.ts')]: () => validators,
  };
  return {
    name: 'generated',
    setup(build) {
      build.onLoad({ filter: /\/engine\/.*\.ts$/ }, ({ path }) => ({
        contents: written[path]?.() ?? openRequires(readFileSync(path, 'utf8')),
        loader: 'ts',
      }));
      build.onResolve({ filter: /^[\w@]/ }, ({ path, importer }) => {
        const name = importer.startsWith(join(top, 'engine/')) ? apartOf(path) : undefined;
        return name === undefined ? undefined : { path: `./${name}.cjs`, external: true };
      });
      // Of use to a package only where another one happens to be installed: builds are the same everywhere.
      build.onResolve({ filter: /^supports-color$/ }, ({ path }) => ({ path, namespace: 'none' }));
      build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: '' }));
      build.onResolve({ filter: /^apart:/ }, ({ path }) => ({ path, namespace: 'apart' }));
      build.onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => ({
        contents: apart[path.slice('apart:'.length)]!.map((one) => `export * from '${one}';`).join('\n'),
        resolveDir: top,
      }));
      build.onResolve({ filter: /^check:/ }, ({ path }) => ({ path, namespace: 'check' }));
      build.onLoad({ filter: /.*/, namespace: 'check' }, async ({ path }) => ({
        contents: await checkOf(path.slice('check:'.length)),
        resolveDir: top,
      }));
      build.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path, kind, importer }) =>
        kind === 'import-statement' &&
        isBuiltin(path) &&
        !immediate.has(path.replace('node:', '')) &&
        !importer.includes('/node_modules/')
          ? { path, namespace: 'builtin', sideEffects: false }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: lazyBuiltin(path) }));
    },
  };
}

export interface BundleOptions {
  readonly top: string;
  readonly out: string;
  readonly entry?: string;
  readonly minify?: boolean;
}

/**
 * Writes `main.cjs`, a function as Node makes one of each module, and what stands apart from it. CommonJS, because only
 * its modules of Node can be left unloaded until they are used.
 */
export async function bundle({ top, out, entry, minify = true }: BundleOptions): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: top,
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // A script has no loader of its own for modules: `import()` of one of Node's would print a warning.
    supported: { 'dynamic-import': false },
    minify,
    legalComments: 'none',
    define: {
      'import.meta.main': 'false',
      'import.meta.url': '__filename',
      'import.meta.dirname': '__dirname',
      CONVERGE_VERSION: JSON.stringify(version),
    },
    metafile: true,
    logLevel: 'warning',
    plugins: [generated(top)],
  } as const satisfies BuildOptions;
  const program = { main: entry ?? join(top, 'scripts/entry.ts') };
  const banner = { js: '(function(exports,require,module,__filename,__dirname){' };
  const results = [
    await build({ ...common, entryPoints: program, banner, footer: { js: '})' } }),
    await build({
      ...common,
      entryPoints: Object.fromEntries(Object.keys(apart).map((name) => [name, `apart:${name}`])),
    }),
  ];
  for (const output of results.flatMap(({ metafile }) => Object.values(metafile.outputs))) {
    for (const { path, external } of output.imports) {
      const known = isBuiltin(path) || Object.hasOwn(apart, path.slice('./'.length, -'.cjs'.length));
      if (external && !known) throw new Error(`The bundle would need ${path} at run time.`);
    }
  }
}
