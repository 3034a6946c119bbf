/** Builds a release: dist/server.js with all it needs but Node, the templates of mails, and the site. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSite } from './web/build.ts';

/**
 * Where node_modules is, if not here or above: a node builds releases from sources that were copied alone, by what
 * bootstrap.sh has left there.
 */
const tools = process.env.API_TOOLS ?? import.meta.dirname;
const esbuild: typeof import('esbuild') = createRequire(join(tools, 'package.json'))('esbuild');
const source = import.meta.dirname;
const out = join(source, 'dist');
// Built beside its final place and renamed, so that no half of a release is ever started.
const work = `${out}.building`;

rmSync(work, { recursive: true, force: true });
mkdirSync(work);
const { metafile } = await esbuild.build({
  absWorkingDir: source,
  entryPoints: ['server.ts'],
  outfile: join(work, 'server.js'),
  nodePaths: [join(tools, 'node_modules')],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Of nunjucks, to watch templates, which nobody does here.
  external: ['chokidar'],
  // What was written for CommonJS asks for these.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;",
  },
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
cpSync(join(source, 'mail/templates'), join(work, 'templates'), { recursive: true });
await buildSite({ esbuild, source: join(source, 'web'), out: join(work, 'site') });
writeFileSync(join(work, 'sources'), sources());
if (existsSync(out)) rmSync(out, { recursive: true });
renameSync(work, out);
const [bytes = 0] = Object.values(metafile.outputs).map((output) => output.bytes);
console.log(`Built ${out}: server.js of ${Math.round(bytes / 1024)} KiB`);

/** By this the state tree knows whether what was built is of the sources that it finds. */
function sources(): string {
  const hash = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(source, file)))
      .digest('hex');
  const files = globSync('**', { cwd: source, exclude: ['dist', 'dist.building', 'node_modules'] })
    .filter((file) => statSync(join(source, file)).isFile())
    .map((file) => `${hash(file)}  ${file}`);
  return createHash('sha256').update(files.sort().join('\n')).digest('hex');
}
