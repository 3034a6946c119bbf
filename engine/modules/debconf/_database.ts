/** debconf's databases of answers: stanzas of fields, one stanza for each question (debconf.conf(5), driver File). */

export interface Answer {
  readonly question: string;
  /** Undefined where the question is known but not answered. */
  readonly value: string | undefined;
  readonly owners: readonly string[];
  /** Nobody is asked again. */
  readonly seen: boolean;
  readonly text: string;
}

export function parseDatabase(text: string): Answer[] {
  return text
    .split(/\n{2,}/)
    .map((stanza) => stanza.replace(/^\n+|\n+$/g, ''))
    .filter((stanza) => stanza.startsWith('Name: '))
    .map((stanza) => {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(stanza)?.[1];
      return {
        question: field('Name')!,
        value: field('Value'),
        owners: (field('Owners') ?? '').split(/,\s*/),
        seen: (field('Flags') ?? '').split(/,\s*/).includes('seen'),
        text: stanza,
      };
    });
}

export function answerIn(answers: readonly Answer[], question: string): Answer | undefined {
  return answers.find((one) => one.question === question);
}

/** What debconf-set-selections makes of it. */
export function withAnswer(text: string, question: string, value: string, owner: string): string {
  const answers = parseDatabase(text);
  const old = answerIn(answers, question);
  const owners = [...new Set([...(old?.owners ?? []).filter(Boolean), owner])].join(', ');
  const template = /^Template: .*$/m.exec(old?.text ?? '')?.[0] ?? `Template: ${question}`;
  const stanza = `Name: ${question}\n${template}\nValue: ${value}\nOwners: ${owners}\nFlags: seen`;
  const stanzas = answers.map((one) => (one === old ? stanza : one.text));
  if (!old) stanzas.push(stanza);
  return stanzas.map((one) => `${one}\n\n`).join('');
}
