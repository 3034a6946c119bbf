/** A host that tells what is looked at through it: paths, units, programs, the file roots. */
import type { Command, Host, Reader } from '../core/host.ts';
import { baseOf } from '../core/path.ts';
import { unitName } from '../core/unit-name.ts';

/**
 * `path`: absolute, a final slash where its entries were listed. `tree`: something of the file roots, grains or the
 * pillar. `program`: of what was asked by a command, its name is all that is known.
 */
export type Looked = 'path' | 'unit' | 'program' | 'tree';

export type OnLook = (kind: Looked, name: string) => void;

/** Files that tell the same as the accounts and packages that are asked for. */
const accounts = ['/etc/passwd', '/etc/group'];
const packageFiles = ['/var/lib/dpkg/status', '/var/lib/rpm/rpmdb.sqlite'];

export function tellingLooks(host: Host, onLook: OnLook): Host {
  function path<A extends readonly unknown[], T>(look: (path: string, ...rest: A) => T, suffix = '') {
    return (at: string, ...rest: A): T => {
      onLook('path', at + suffix);
      return look(at, ...rest);
    };
  }
  function files<A extends readonly unknown[], T>(paths: readonly string[], look: (...rest: A) => T) {
    return (...rest: A): T => {
      for (const one of paths) onLook('path', one);
      return look(...rest);
    };
  }
  function tree<A extends readonly unknown[], T>(look: (...rest: A) => T) {
    return (...rest: A): T => {
      onLook('tree', '');
      return look(...rest);
    };
  }
  function program<T>(look: (command: Command) => T) {
    return (command: Command): T => {
      onLook('program', baseOf(command.argv[0] ?? ''));
      return look(command);
    };
  }
  const reader: Partial<Reader> = {
    stat: path(host.stat),
    content: path(host.content),
    list: path(host.list, '/'),
    link: path(host.link),
    resolve: path(host.resolve),
    user: files(accounts, host.user),
    users: files(accounts, host.users),
    group: files(accounts, host.group),
    groups: files(accounts, host.groups),
    shadow: files(['/etc/shadow'], host.shadow),
    packages: files(packageFiles, host.packages),
    candidates: files(packageFiles, host.candidates),
    render: tree(host.render),
    sourceTree: tree(host.sourceTree),
    grain: tree(host.grain),
    pillar: tree(host.pillar),
    ask: program(host.ask),
    probe: program(host.probe),
    source(url) {
      const at = url.startsWith('file:///') ? url.slice('file://'.length) : url;
      onLook(at.startsWith('/') ? 'path' : 'tree', at.startsWith('/') ? at : '');
      return host.source(url);
    },
    units(names) {
      for (const name of names) onLook('unit', unitName(name));
      return host.units(names);
    },
  };
  return { ...host, ...reader };
}
