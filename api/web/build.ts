/** Builds the site: one script, one style sheet and an icon with hashes in their names, and the page that names them. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type * as esbuild from 'esbuild';

/** Each file of the site with its sizes in bytes. */
export interface Built {
  readonly [file: string]: { readonly plain: number; readonly gzip: number; readonly brotli: number };
}

export interface Building {
  /** The module, as a node that builds releases has it elsewhere. */
  readonly esbuild: Pick<typeof esbuild, 'build'>;
  /** This folder. */
  readonly source: string;
  /** What is in it is replaced. */
  readonly out: string;
}

/** Beside each file lie FILE.gz and FILE.br. */
export async function buildSite({ esbuild, source, out }: Building): Promise<Built> {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: source,
    entryPoints: ['app/main.ts', 'style/main.css', 'icon.svg'],
    outdir: '/assets',
    entryNames: '[name].[hash]',
    loader: { '.svg': 'copy' },
    bundle: true,
    minify: true,
    format: 'esm',
    charset: 'utf8',
    // Browsers that know light-dark() and nested rules of style.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [`assets/${basename(path)}`, contents]));
  let page = readFileSync(join(source, 'index.html'), 'utf8').replaceAll(/\n\s*/g, '\n');
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint !== undefined) page = page.replaceAll(`"/${entryPoint}"`, `"/assets/${basename(path)}"`);
  }
  files.set('index.html', Buffer.from(page));
  return write(out, files);
}

/** In a folder beside it that is renamed at the end, so that no half of a site is ever served. */
function write(out: string, files: ReadonlyMap<string, Uint8Array>): Built {
  const work = `${out}.building`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'assets'), { recursive: true });
  const built = [...files].map(([name, content]) => {
    const gzip = gzipSync(content, { level: 9 });
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    writeFileSync(join(work, name), content);
    writeFileSync(join(work, `${name}.gz`), gzip);
    writeFileSync(join(work, `${name}.br`), brotli);
    return [name, { plain: content.length, gzip: gzip.length, brotli: brotli.length }] as const;
  });
  rmSync(out, { recursive: true, force: true });
  renameSync(work, out);
  return Object.fromEntries(built);
}

if (import.meta.main) {
  const source = import.meta.dirname;
  const built = await buildSite({
    esbuild: await import('esbuild'),
    source,
    out: join(source, '../dist/site'),
  });
  for (const [file, { plain, gzip, brotli }] of Object.entries(built)) {
    console.log(`${file}: ${plain} bytes, gzip ${gzip}, brotli ${brotli}`);
  }
}
