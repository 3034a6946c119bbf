/** The firewall of the next boot: a file of nft and a unit that loads it before the network is up. */
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Step } from '../../core/state.ts';
import { digestOf, type Listing } from './_listing.ts';

export const rulesetPath = '/etc/converge/firewall.nft';
export const unitName = 'converge-firewall.service';
export const unitPath = `/etc/systemd/system/${unitName}`;
/** What `systemctl enable` makes of WantedBy, and how the report calls it. */
const wants = [
  { path: `/etc/systemd/system/sysinit.target.wants/${unitName}`, subject: 'at boot' },
  { path: `/etc/systemd/system/nftables.service.wants/${unitName}`, subject: 'with nftables.service' },
] as const;

/**
 * The distribution's nftables.service begins with `flush ruleset`: ours comes after it, and again when it is started,
 * restarted or reloaded. Stopping ours leaves the firewall as it is.
 */
export function unitText(nft: string): string {
  return `# Written by converge (firewall.ruleset).
[Unit]
Description=Firewall as described for converge
DefaultDependencies=no
RequiresMountsFor=${rulesetPath}
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
StandardInput=null
ProtectSystem=full
ProtectHome=true
ExecStart=${nft} -f ${rulesetPath}
ExecReload=${nft} -f ${rulesetPath}

[Install]
WantedBy=sysinit.target nftables.service
`;
}

const note = '# Written by converge (firewall.ruleset).';

/** The file tells how nft lists it, so that a later run need not try that out. */
export function bootText(text: string, listing: Listing | undefined): string {
  const listed = listing ? `# nft ${listing.version} lists it as ${digestOf(listing)}\n` : '';
  return `${note}\n${listed}${text}`;
}

/** The rest of the file is as it should be, and what it tells is of another version of nft. */
export function isForOtherVersion(file: string | undefined, text: string, { version }: Listing): boolean {
  const [, noted] = /^# nft (\S+) lists it as [0-9a-f]+$/m.exec(file ?? '') ?? [];
  return (
    noted !== undefined &&
    noted !== version &&
    file!.replace(/^# nft .*\n/m, '') === bootText(text, undefined)
  );
}

interface Written {
  readonly text: string;
  readonly mode: number;
}

export interface Boot {
  readonly ruleset?: Written;
  readonly unit?: Written;
  /** Where each of `wants` points. */
  readonly wants: readonly (string | undefined)[];
  /** Folders that are missing, and those that only hold links of ours. */
  readonly missing: readonly string[];
  readonly alone: readonly string[];
  readonly nft: string;
  /** systemd is there to be told of it. */
  readonly running: boolean;
}

export function readBoot(reader: Reader): Boot {
  const file = (path: string): Written | undefined => {
    const stat = reader.stat(path);
    if (stat?.kind !== 'file') return undefined;
    return { text: reader.content(path)!.toString(), mode: stat.mode };
  };
  const linked = wants.map(({ path }) => path);
  const folders = [rulesetPath, unitPath, ...linked].map(parentOf);
  const paths = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'];
  return {
    ruleset: file(rulesetPath),
    unit: file(unitPath),
    wants: linked.map((path) => reader.link(path)),
    missing: [...new Set(folders.flatMap((folder) => missingFolders(folder, reader)))],
    alone: linked.map(parentOf).filter((folder) => reader.list(folder)?.join() === unitName),
    nft: paths.find((path) => reader.stat(path)) ?? paths[0]!,
    running: !reader.rooted && reader.stat('/run/systemd/system') !== undefined,
  };
}

function missingFolders(folder: string, reader: Reader): string[] {
  if (folder === '/' || reader.stat(folder)) return [];
  return [...missingFolders(parentOf(folder), reader), folder];
}

/** With `shown`, the difference of the ruleset was told already. */
export function bootSteps(boot: Boot, wanted: string, shown: boolean): Step[] {
  const steps: Step[] = boot.missing.map((path) => ({
    change: { subject: path, new: 'directory' },
    effect: { kind: 'directory', path, mode: 0o755 },
  }));
  const file = fileStep(rulesetPath, boot.ruleset, wanted, 0o600);
  const change = { subject: rulesetPath, ...(boot.ruleset && { old: 'another' }), new: 'as the table' };
  steps.push(...(shown ? file.map((step) => ({ ...step, change })) : file));
  const unit = fileStep(unitPath, boot.unit, unitText(boot.nft), 0o644);
  const links = wants.flatMap(({ path, subject }, at): Step[] => {
    const old = boot.wants[at];
    if (old === unitPath) return [];
    const change = { subject, ...(old !== undefined && { old }), new: 'loaded' };
    return [{ change, effect: { kind: 'link', path, target: unitPath } }];
  });
  const isNew = unit.length + links.length > 0;
  return [...steps, ...unit, ...links, ...(boot.running && isNew ? startSteps() : [])];
}

function fileStep(path: string, old: Written | undefined, text: string, mode: number): Step[] {
  if (old?.text !== text) {
    const effect = { kind: 'write', path, content: Buffer.from(text), mode } as const;
    return [{ change: { subject: path, old: old?.text, new: text, text: true }, effect }];
  }
  if (old.mode === mode) return [];
  const change = { subject: `mode of ${path}`, old: octal(old.mode), new: octal(mode) };
  return [{ change, effect: { kind: 'attributes', path, mode } }];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** A unit that was never started would not be started again with nftables.service. */
function startSteps(): Step[] {
  const settles = [{ about: 'unit', name: unitName, load: 'loaded', needDaemonReload: false }] as const;
  const command = { argv: ['systemctl', '--no-ask-password', 'daemon-reload'] };
  return [
    { effect: { kind: 'exec', command, settles, foreseen: true } },
    { effect: { kind: 'unit', unit: unitName, verb: 'start' } },
  ];
}

export function removalSteps(boot: Boot): Step[] {
  const gone = (path: string, subject: string, old: string): Step => ({
    change: { subject, old },
    effect: { kind: 'remove', path },
  });
  const steps: Step[] = [];
  if (boot.unit !== undefined && boot.running) {
    steps.push({ effect: { kind: 'unit', unit: unitName, verb: 'stop' } });
  }
  for (const [at, { path, subject }] of wants.entries()) {
    if (boot.wants[at] === undefined) continue;
    steps.push(gone(path, subject, 'loaded'));
    const folder = parentOf(path);
    if (boot.alone.includes(folder)) steps.push({ effect: { kind: 'remove', path: folder } });
  }
  if (boot.unit !== undefined) steps.push(gone(unitPath, unitPath, 'file'));
  if (boot.unit !== undefined && boot.running) {
    const settles = [
      { about: 'unit', name: unitName, load: 'not-found', active: 'inactive', enabled: '' },
    ] as const;
    const command = { argv: ['systemctl', '--no-ask-password', 'daemon-reload'] };
    steps.push({ effect: { kind: 'exec', command, settles, foreseen: true } });
  }
  if (boot.ruleset !== undefined) steps.push(gone(rulesetPath, rulesetPath, 'file'));
  return steps;
}
