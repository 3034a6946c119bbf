import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import {
  instantIn,
  isTimeToAsk,
  isTolerable,
  longestPause,
  renewalAt,
  staggerOf,
  turnAt,
} from '../../../engine/modules/acme/_renewal.ts';
import { renewalId } from '../../../engine/modules/acme/_renewal-info.ts';
import { createIssuer, newKey } from '../../helpers/certificates.ts';

const hour = 3_600_000;
const day = 24 * hour;
const from = Date.UTC(2026, 0, 1);
const lasting = (milliseconds: number) => ({ from, until: from + milliseconds });

describe('renewal of certificates', () => {
  it('is due at two thirds of any lifetime', () => {
    for (const [life, due] of [
      [90 * day, 60 * day],
      [45 * day, 30 * day],
      [6 * day, 4 * day],
      [90_000, 60_000],
    ] as const)
      expect((renewalAt(lasting(life), 2 / 3) - from) / due).to.be.closeTo(1, 1e-6);
  });

  it('may fail until half of the time for it is over', () => {
    for (const life of [90 * day, 45 * day, 6 * day, 90_000]) {
      const certificate = lasting(life);
      expect(isTolerable(certificate, 2 / 3, from + life * 0.7)).to.equal(true);
      expect(isTolerable(certificate, 2 / 3, from + life * 0.83)).to.equal(true);
      expect(isTolerable(certificate, 2 / 3, from + life * 0.84)).to.equal(false);
      expect(isTolerable(certificate, 2 / 3, from + life * 1.1)).to.equal(false);
    }
  });

  it('leaves each node its time, so that ten of them get by with the rest of the lifetime', () => {
    expect(staggerOf(lasting(90 * day), undefined)).to.equal(3 * day);
    expect(staggerOf(lasting(6 * day), undefined)).to.equal(4.8 * hour);
    expect(staggerOf(lasting(90_000), undefined)).to.equal(3000);
    expect(staggerOf(undefined, undefined)).to.equal(600_000);
    expect(staggerOf(lasting(90 * day), 5)).to.equal(5000);
  });

  it('after a power cut of the whole cluster, all but the first wait for each other', () => {
    const present = lasting(90 * day);
    const since = from + 60 * day;
    const turn = (more: object) => turnAt({ turn: 1, present, since, at: since + 3 * day, ...more });
    expect(turn({})).to.equal(since + 3 * day);
    expect(turn({ turn: 0, at: since + 20 * day }), 'the first').to.equal(since);
    expect(turn({ at: since + 5 * day }), 'not run for a while').to.equal(since + 3 * day);
    expect(turn({ at: since + 7 * day }), 'not run at all').to.equal(undefined);
    const at = since + 7 * day;
    expect(turn({ at, noted: at }), 'from when it noted that').to.equal(at + 600_000);
    expect(turn({ turn: 2, at: from + 100 * day, noted: from + 100 * day }), 'it is over').to.equal(
      from + 100 * day + 1_200_000,
    );
    expect(turn({ since: undefined, at, noted: at }), 'urgent').to.equal(at + 600_000);
  });

  it('pauses for no longer than a short life allows, and never for less than was asked', () => {
    expect(longestPause(lasting(90 * day), 900)).to.equal(6 * 3600);
    expect(longestPause(lasting(2 * day), 900)).to.equal(2 * 3600);
    expect(longestPause(lasting(90_000), 900)).to.equal(900);
    expect(longestPause(undefined, 900)).to.equal(6 * 3600);
  });

  it('asks the authority four times a day, at a time of its own, whatever the minute its timer fires', () => {
    const certificate = lasting(90 * day);
    const asked = (node: string, offset: number) => {
      const runs = Array.from({ length: 96 }, (_, index) => from + offset + index * 15 * 60_000);
      return runs.filter((now) => isTimeToAsk(certificate, node, now));
    };
    for (const node of ['one', 'two', 'three'])
      for (let minute = 0; minute < 15; minute++)
        expect(asked(node, minute * 60_000).length).to.be.within(4, 8);
    expect(asked('one', 0)).to.not.deep.equal(asked('two', 0));
  });

  it('always asks where a certificate lasts for minutes', () => {
    for (let second = 0; second < 90; second++)
      expect(isTimeToAsk(lasting(90_000), 'one', from + second * 1000)).to.equal(true);
  });

  it('takes the same instant of a window each time, spread over all of it', () => {
    const window = { from, until: from + 2 * day };
    const instants = Array.from({ length: 200 }, (_, index) => instantIn(window, `id${index}`));
    expect(instantIn(window, 'id7')).to.equal(instants[7]);
    for (const quarter of [0, 1, 2, 3]) {
      const inside = instants.filter((one) => Math.floor((one - from) / (day / 2)) === quarter);
      expect(inside.length).to.be.within(25, 80);
    }
  });

  it('names a certificate as RFC 9773 does', () => {
    const key = newKey();
    const issue = (serial: string) =>
      new X509Certificate(createIssuer().issue({ names: ['a.test'], key, ...lasting(day), serial }));
    // The example of 4.1: a serial number that begins with a set bit has a byte more.
    expect(renewalId(issue('0087654321'))).to.equal('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
    expect(renewalId(issue('02'))).to.equal('aYhba4dGQEHhs3uEe6CuLN4ByNQ.Ag');
  });
});
