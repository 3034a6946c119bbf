/** firewall.absent: the table of firewall.ruleset is gone, now and after a boot. */
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { type Boot, readBoot, removalSteps } from './_boot.ts';
import { changesBetween } from './_difference.ts';
import { type Listing, listCommand, listingOf, printed, settleListing, textCommand } from './_listing.ts';
import { removal, table } from './_text.ts';

interface Now {
  readonly boot: Boot;
  readonly refusal?: Refusal;
  readonly live?: Listing;
  readonly text?: string;
}

function removeStep(live: Listing, text: string): Step {
  const [change, ...also] = changesBetween({ listing: live, text }, { listing: undefined, text: '' });
  return {
    change,
    also,
    effect: {
      kind: 'exec',
      command: { argv: ['nft', 'delete', 'table', ...table.split(' ')] },
      undo: { argv: ['nft', '-f', '-'], stdin: removal + text },
      settles: [settleListing('')],
      foreseen: true,
    },
  };
}

export default defineState({
  summary: 'there is no firewall by converge, now and after a boot',
  description: `
The table \`inet converge\` of firewall.ruleset is deleted, with its unit and its file. Whatever others set up stays, and
what firewall.ruleset took over is not brought back.`,
  properties: {},
  examples: [{ title: 'no firewall any more', sls: 'firewall:\n  firewall.absent\n' }],
  async read(_, reader): Promise<Now> {
    const boot = readBoot(reader);
    if (reader.rooted) return { boot };
    const outcome = await reader.ask(listCommand);
    // Without nft there is no table either.
    const live = outcome.status === 127 ? undefined : listingOf(outcome);
    if (live === undefined) return { boot };
    if ('refused' in live) return { boot, refusal: live };
    return { boot, live, text: printed(await reader.ask(textCommand)) };
  },
  plan(_, { boot, refusal, live, text }): Plan {
    if (refusal) return refusal;
    const steps = [...(live ? [removeStep(live, text!)] : []), ...removalSteps(boot)];
    return steps.length > 0 ? steps : { steps, comment: 'There is no firewall by converge.' };
  },
});
