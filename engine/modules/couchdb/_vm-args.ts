/** Flags of the Erlang machine that CouchDB runs in (vm.args): a flag for each line. */

/** What is ours to say: these flags of others go. */
const ours =
  /^\s*(?:-s?name|-setcookie|-start_epmd|-erl_epmd_port|-proto_dist|-couch_dist|-ssl_dist_optfile|-kernel\s+(?:inet_dist_use_interface|net_ticktime|inet_dist_listen_m(?:in|ax)))(?:\s|$)/;

export interface Distribution {
  readonly name: string;
  /** IPv4 address that other nodes reach it by; any unless told. */
  readonly address?: string;
  readonly port: number;
  /** Seconds after which a node that hangs counts as gone. */
  readonly ticktime?: number;
  /** File with the options of TLS. */
  readonly tlsOptions?: string;
}

/** What others wrote stays in its place. */
export function withFlags(text: string, told: Distribution): string {
  const lines = text.split('\n');
  const kept = lines.filter((line) => !ours.test(line) && line !== mark);
  while (kept.at(-1)?.trim() === '') kept.pop();
  return `${[...kept, '', mark, ...flagsOf(told)].join('\n')}\n`;
}

const mark = '# Written by converge: changes to these flags are lost.';

function flagsOf({ name, address, port, ticktime, tlsOptions }: Distribution): string[] {
  return [
    `-name ${name}`,
    // No daemon of its own tells of ports: each node uses the same one.
    '-start_epmd false',
    `-erl_epmd_port ${port}`,
    ...(address ? [`-kernel inet_dist_use_interface {${address.split('.').join(',')}}`] : []),
    ...(ticktime === undefined ? [] : [`-kernel net_ticktime ${ticktime}`]),
    ...(tlsOptions
      ? ['-proto_dist couch', '-couch_dist no_tls false', `-ssl_dist_optfile ${tlsOptions}`]
      : []),
  ];
}

/** Without a cookie, which is a password. */
export function shownFlags(text: string): string {
  return text.replace(/^(\s*-setcookie\s+).*$/gm, '$1(hidden)');
}
