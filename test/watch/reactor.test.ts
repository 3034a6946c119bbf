/** Rules of the pillar, and what holds where they say nothing. */
import { expect } from 'chai';
import type { Notice } from '../../engine/core/watch.ts';
import { createReactor, type Rule, rulesOf } from '../../engine/watch/reactor.ts';

const motd: Notice = { beacon: 'files', name: '/etc/motd' };
const web: Notice = { beacon: 'health', name: 'web' };
const standard: Rule = { reaction: 'affected', debounce: 0.5 };

describe('reactor', () => {
  it('is as the beacon has it where no rule matches', () => {
    expect(createReactor([], () => standard)(motd)).to.equal(standard);
  });

  it('takes the first rule that matches, and the rest from the beacon', () => {
    const rules = rulesOf({ 'health/*': { apply: 'haproxy' }, '*': { highstate: true, debounce: '2s' } });
    const rule = createReactor(rules, () => standard);
    expect(rule(web)).to.deep.equal({ reaction: { apply: ['haproxy'] }, debounce: 0.5 });
    expect(rule(motd)).to.deep.equal({ reaction: 'highstate', debounce: 2 });
  });

  it('matches tags as a whole, paths with their slashes', () => {
    const rule = createReactor(rulesOf({ 'files//etc/*': { ignore: true } }), () => standard);
    expect(rule(motd).reaction).to.equal('ignore');
    expect(rule({ beacon: 'files', name: '/srv/etc/motd' }).reaction).to.equal('affected');
  });

  it('gives the same object for the same rule, as limits are counted by it', () => {
    const rule = createReactor(rulesOf({ 'files/*': { limit: '3/minute' } }), () => standard);
    expect(rule(motd)).to.equal(rule({ beacon: 'files', name: '/etc/hosts' }));
    expect(rule(motd).limit).to.deep.equal({ times: 3, seconds: 60 });
  });
});
