/** The firewall of the next boot: a file of nft and a unit that loads it before the network is up. */
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Step } from '../../core/state.ts';
import { digestOf, type Listing } from './_listing.ts';

export const rulesetPath = '/etc/converge/firewall.nft';
export const unitName = 'converge-firewall.service';
export const unitPath = `/etc/systemd/system/${unitName}`;
/** What `systemctl enable` makes of WantedBy. */
export const wantsPath = `/etc/systemd/system/sysinit.target.wants/${unitName}`;

/**
 * The distribution's nftables.service begins with `flush ruleset`: ours comes after it, and again when it is restarted
 * or reloaded. Stopping ours leaves the firewall as it is.
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
WantedBy=sysinit.target
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

export interface Boot {
  readonly ruleset?: string;
  readonly unit?: string;
  readonly wants?: string;
  /** Folders that are missing. */
  readonly missing: readonly string[];
  readonly nft: string;
  /** systemd is there to be told of it. */
  readonly running: boolean;
}

export function readBoot(reader: Reader): Boot {
  const text = (path: string): string | undefined => reader.content(path)?.toString();
  const ruleset = reader.link(rulesetPath) === undefined ? text(rulesetPath) : undefined;
  const unit = reader.link(unitPath) === undefined ? text(unitPath) : undefined;
  const missing = [rulesetPath, unitPath, wantsPath].flatMap((path) =>
    missingFolders(parentOf(path), reader),
  );
  const paths = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'];
  return {
    ...(ruleset !== undefined && { ruleset }),
    ...(unit !== undefined && { unit }),
    wants: reader.link(wantsPath),
    missing: [...new Set(missing)],
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
  const wants = wantsStep(boot.wants);
  return [
    ...steps,
    ...unit,
    ...wants,
    ...(boot.running && unit.length + wants.length > 0 ? startSteps() : []),
  ];
}

function fileStep(path: string, old: string | undefined, text: string, mode: number): Step[] {
  if (old === text) return [];
  const effect = { kind: 'write', path, content: Buffer.from(text), mode } as const;
  return [{ change: { subject: path, old, new: text, text: true }, effect }];
}

function wantsStep(old: string | undefined): Step[] {
  if (old === unitPath) return [];
  return [
    {
      change: { subject: 'at boot', ...(old !== undefined && { old }), new: 'loaded' },
      effect: { kind: 'link', path: wantsPath, target: unitPath },
    },
  ];
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
  if (boot.wants !== undefined) steps.push(gone(wantsPath, 'at boot', 'loaded'));
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
