/** Has nft load a text into a network namespace that ends with the command: only nft knows how it will list it. */
import type { Command, Outcome, Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Listing, listCommand, listingOf, printed, textCommand } from './_listing.ts';
import { type Text, table } from './_text.ts';

export interface Trial {
  readonly listing: Listing;
  /** As it was printed. */
  readonly json: string;
  readonly text: string;
}

const parting = '--- as text ---';

/** Raw text that left our table would show: as another table, or because the one that is there first is gone. */
const script = `
nft add table inet canary || exit
nft -f - || exit
tables=$(nft list tables) || exit
[ "$tables" = "$(printf 'table inet canary\\ntable ${table}')" ] || exit 99
[ "$(nft list table inet canary)" = "$(printf 'table inet canary {\\n}')" ] || exit 99
${listCommand.argv.join(' ')} || exit
echo '${parting}'
${textCommand.argv.join(' ')}
`;

export const trialArgv = ['unshare', '--net', '--', '/bin/sh', '-c', script];

/** nft -c asks the kernel as well, which then forgets it. */
export function checkCommand(stdin: string): Command {
  return { argv: ['nft', '-c', '-f', '-'], stdin };
}

export async function tryOut(wanted: Text, reader: Reader): Promise<Trial | Refusal> {
  const outcome = await reader.probe({ ...listCommand, argv: trialArgv, stdin: wanted.text, timeout: 60 });
  const { status, stderr } = outcome;
  if (status === 99) {
    return {
      refused: 'The raw text makes or removes other tables than its own.',
      hint: 'Write only what can stand within a table; braces have to match.',
      certain: true,
    };
  }
  if (status === 127 || /^unshare: /m.test(stderr)) {
    return {
      refused: `The ruleset cannot be tried out: ${stderr.trim() || 'there is no unshare here'}.`,
      hint: 'This takes root with CAP_SYS_ADMIN, and the packages util-linux and nftables.',
    };
  }
  if (status !== 0) return refusedByNft(outcome, wanted);
  const [json = '', text = ''] = printed(outcome).split(`${parting}\n`);
  const listing = listingOf({ status, stdout: json, stderr, pid: 0 });
  if (listing === undefined) return { refused: 'nft did not list what it had loaded.' };
  return 'refused' in listing ? listing : { listing, json, text };
}

/** The first error of nft, and which raw text it is about. */
export function refusedByNft({ status, stderr }: Outcome, { raw, text }: Text): Refusal {
  const [, line, message] = /^[^\s:]+:(\d+):[\d-]+: Error: (.*)$/m.exec(stderr) ?? [];
  const place = line && raw(Number(line));
  const said = message ?? (stderr.trim() || `exit status ${status}`);
  if (!place)
    return {
      refused: `nft does not accept the ruleset: ${said}.`,
      ...(line && { hint: `It is about: ${text.split('\n')[Number(line) - 1]?.trim()}` }),
    };
  const source = text.split('\n')[Number(line) - 1]!.trim();
  return {
    refused: `nft does not accept ${place}: ${said}.`,
    hint: `Correct it: ${source}`,
    ...(said.startsWith('syntax error') && { certain: true }),
  };
}
