/** Makes the benchmark's tree: N files of about 1 KiB, each from one template with its own context. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

/** Where file number `n` belongs, below the folder a contender manages. */
export function pathOf(n: number): string {
  return `srv/${String(Math.floor(n / 100)).padStart(3, '0')}/service-${n}.conf`;
}

const lines = [
  'listen on every address of this node and answer within the time below',
  'the upstream is asked again after a failure, at most as often as it says here',
  'requests beyond the limit are refused with 429 and a Retry-After header',
  'logs are kept for a week and then thrown away by the nightly job',
  'the health check of the load balancer asks /up and expects 200 and no body',
];

/** The lines of file `n`; `value` says how a template engine writes a variable. */
export function contentOf(value: (name: 'number' | 'name' | 'port') => string): string {
  const settings = lines.flatMap((line, i) => [
    `# ${i + 1}. ${line}`,
    `${value('name')}.setting${i}.port = ${value('port')}`,
    `${value('name')}.setting${i}.label = "number ${value('number')} of this node"`,
  ]);
  return `[${value('name')}]\n${settings.join('\n')}\n`;
}

export function valuesOf(n: number): {
  readonly number: string;
  readonly name: string;
  readonly port: string;
} {
  return { number: String(n), name: `service-${n}`, port: String(10_000 + (n % 50_000)) };
}

/** What file `n` holds in the end, whoever wrote it. */
export function expected(n: number): string {
  const values = valuesOf(n);
  return contentOf((name) => values[name]);
}

export function write(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function state(path: string, number: string, name: string, port: string): string {
  return `/${path}:
  file.managed:
    source: salt://service.conf.j2
    template: jinja
    mode: '0644'
    makedirs: true
    context: {number: ${number}, name: ${name}, port: ${port}}
`;
}

/** `loop`: one SLS that a template multiplies; `literal`: every state written out. */
export function generate(folder: string, count: number, variant: 'loop' | 'literal'): void {
  const loop = state(
    "srv/{{ '%03d' % (n // 100) }}/service-{{ n }}.conf",
    '{{ n }}',
    'service-{{ n }}',
    '{{ 10000 + n % 50000 }}',
  );
  const literal = () =>
    Array.from({ length: count }, (_, n) => {
      const { number, name, port } = valuesOf(n);
      return state(pathOf(n), number, name, port);
    }).join('');
  const sls = variant === 'loop' ? `{% for n in range(${count}) %}\n${loop}{% endfor %}\n` : literal();
  write(join(folder, 'states/top.yaml'), "base:\n  '*': [services]\n");
  write(join(folder, 'states/services.yaml'), sls);
  write(join(folder, 'states/service.conf.j2'), `${contentOf((name) => `{{ ${name} }}`)}`);
  write(join(folder, 'pillar/top.yaml'), "base:\n  '*': [empty]\n");
  write(join(folder, 'pillar/empty.yaml'), '{}\n');
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { literal: { type: 'boolean', default: false } },
  });
  const [folder, count] = positionals;
  if (folder === undefined || !Number(count)) {
    console.error('Usage: node bench/generate.ts FOLDER COUNT [--literal]');
    process.exitCode = 64;
  } else generate(folder, Number(count), values.literal ? 'literal' : 'loop');
}
