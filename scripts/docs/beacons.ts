/** The page of all beacons, from their definitions. */
import type { Schema } from '../../engine/core/schema.ts';
import { beaconNames, loadBeacon } from '../../engine/watch/find.ts';
import { page, sentence, table } from './page.ts';
import { defaultText, kindText } from './states.ts';

export async function beaconsPage(): Promise<string> {
  const lines = [
    'What `converge watch` hears of ([the watch](watch.md)), and what it takes below `beacons` of the pillar.',
    '',
  ];
  for (const name of beaconNames) {
    const {
      summary,
      description,
      properties,
      required = [],
      named,
      standard,
      reaction,
    } = await loadBeacon(name);
    lines.push(`## ${name}`, '', sentence(summary), '');
    if (description) lines.push(description.trim(), '');
    const on =
      typeof standard === 'object'
        ? `On with ${Object.entries(standard)
            .map(([entry, settings]) => `\`${entry}: ${JSON.stringify(settings)}\``)
            .join(', ')}`
        : standard
          ? 'On'
          : 'Off';
    const entries = named ? ' Entries have names of their own, each with these settings.' : '';
    lines.push(`${on} unless the pillar says otherwise; leads to \`${reaction}\`.${entries}`, '');
    const rows = Object.entries(properties as { [setting: string]: Schema }).map(([setting, schema]) => [
      `\`${setting}\``,
      kindText(schema),
      required.includes(setting) ? '**required**' : defaultText(schema.default),
      schema.description ?? '',
    ]);
    if (rows.length > 0) lines.push(...table(['Setting', 'Value', 'Unless given', 'Meaning'], rows), '');
  }
  return page('Beacons', 'engine/watch/beacons', lines);
}
