import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Beacon } from '../../../engine/watch/beacon.ts';
import cert from '../../../engine/watch/beacons/cert.ts';
import { createIssuer, newKey, pemOfKey } from '../../helpers/certificates.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { isOnPath } from '../../helpers/tools.ts';
import { type FakeMeans, fakeClock, fakeMeans, targetsOf } from '../../helpers/watch-means.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 1);
const path = '/etc/haproxy/certs/site.pem';

const issuer = createIssuer();
const key = newKey();

/** A PEM file of a certificate that lives from one day to another, counted from the start. */
function pem(from: number, until: number): string {
  const chain = issuer.issue({ names: ['a.org'], key, from: start + from * day, until: start + until * day });
  return `${pemOfKey(key)}${chain}`;
}

type Settings = Parameters<typeof cert.start>[0];

interface Started {
  readonly beacon: Beacon;
  readonly means: FakeMeans;
  /** Days since the start at which it told. */
  readonly told: number[];
  aim(...paths: string[]): void;
}

function started(files: { [path: string]: string | Buffer }, given: Partial<Settings> = {}): Started {
  const told: number[] = [];
  const clock = fakeClock(start);
  const base = fakeMeans({ clock });
  for (const [name, content] of Object.entries(files)) base.machine.files.set(name, content);
  const means = {
    ...base,
    notify(name: string) {
      base.notices.push(name);
      told.push((clock.now() - start) / day);
    },
  };
  const beacon = cert.start({ paths: [], ...given }, means, '');
  return { beacon, means, told, aim: (...paths) => beacon.aim!(targetsOf({ certificates: paths })) };
}

describe('beacon cert', () => {
  it('tells when the last third begins, and again while it stays that way', async () => {
    const { means, told, aim, beacon } = started({ [path]: pem(0, 90) });
    aim(path);
    await means.clock.advance(60 * day - minute);
    expect(told).to.deep.equal([]);
    expect(beacon.tell()).to.equal('1 certificate');
    await means.clock.advance(2 * minute);
    expect(told).to.have.length(1);
    expect(told[0]).to.be.closeTo(60, 0.0001);
    expect(beacon.tell()).to.equal('1 certificate, 1 to be renewed');
    await means.clock.advance(day);
    expect(told).to.have.length(5);
    expect(told[1]! - told[0]!).to.be.closeTo(0.25, 1e-6);
    expect(means.notices[0]).to.equal(path);
  });

  it('tells at the second when it expires, whenever it told before', async () => {
    const { means, told, aim, beacon } = started({ [path]: pem(-90, 1.1) });
    aim(path);
    await means.clock.advance(2 * day);
    expect(told[0]).to.equal(0);
    const expiry = told.find((at) => at > 1.1)!;
    expect((expiry - 1.1) * day).to.be.within(999, 2001);
    expect(beacon.tell()).to.equal('1 certificate, 1 expired');
  });

  it('tells when one that was not valid yet is', async () => {
    const { means, told, aim, beacon } = started({ [path]: pem(3.3, 30) });
    aim(path);
    await means.clock.advance(3 * day);
    expect(told).to.deep.equal([]);
    expect(beacon.tell()).to.equal('1 certificate, 1 not valid yet');
    await means.clock.advance(day);
    expect(told).to.have.length(1);
    expect(told[0]).to.be.closeTo(3.3, 0.0001);
  });

  it('keeps quiet about one that was renewed', async () => {
    const { means, told, aim } = started({ [path]: pem(-70, 20) });
    aim(path);
    await means.clock.advance(minute);
    expect(told).to.have.length(1);
    means.machine.files.set(path, pem(0, 90));
    aim(path);
    await means.clock.advance(59 * day);
    expect(told).to.have.length(1);
    await means.clock.advance(day + minute);
    expect(told).to.have.length(2);
  });

  it('is told no sooner again where another one is just as due', async () => {
    const { means, told, aim } = started({ [path]: pem(-70, 20) });
    for (let days = 0; days < 1; days += 1 / 24) {
      means.machine.files.set(path, pem(-80 + days, 20));
      aim(path);
      await means.clock.advance(hour);
    }
    expect(told.length).to.be.within(4, 5);
  });

  it('looks at a file again within six hours, although nobody tells that it was replaced', async () => {
    const { means, told, aim } = started({ [path]: pem(0, 90) });
    aim(path);
    await means.clock.advance(day);
    means.machine.files.set(path, pem(-80, 10));
    await means.clock.advance(6 * hour);
    expect(told).to.have.length(1);
  });

  it('goes by a short life', async () => {
    const life = 1 / 24;
    const { means, told, aim } = started({ [path]: pem(0, life) });
    aim(path);
    await means.clock.advance(hour);
    // From minute 40 to 60, each two and a half minutes.
    expect(told).to.have.length(8);
    const brief = started({ [path]: pem(0, life / 60) });
    brief.aim(path);
    await brief.means.clock.advance(10 * minute);
    // At two thirds, at the end, and then each minute.
    expect(brief.told.length).to.be.within(10, 12);
  });

  it('takes what its settings say', async () => {
    const { means, told } = started({ [path]: pem(0, 90) }, { paths: [path], renew_at: 0.5, again: '1d' });
    await means.clock.advance(48 * day);
    expect(told.map((at) => Math.round(at))).to.deep.equal([45, 46, 47]);
    const wrong = started({}, { again: '5s' });
    expect(wrong.means.warnings.join()).to.include('"5s" is no span of a minute or more');
    expect(wrong.means.clock.pending).to.equal(0);
  });

  it('looks at no file that nobody wants any more', async () => {
    const { means, told, aim } = started({ [path]: pem(-80, 10) });
    aim(path);
    aim();
    await means.clock.advance(30 * day);
    expect(told).to.deep.equal([]);
    expect(means.clock.pending).to.equal(0);
    aim(path);
    await means.clock.advance(0);
    expect(told).to.have.length(1);
  });

  it('is not moved by runs that do not renew it', async () => {
    const { means, told, aim } = started({ [path]: pem(-80, 10) });
    for (let run = 0; run < 60; run++) {
      aim(path);
      await means.clock.advance(minute);
    }
    expect(told).to.have.length(1);
  });

  it('leaves to others what is not there or no certificate, and finds it later', async () => {
    const files = {
      '/a': '',
      '/b': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      '/c': Buffer.from([0, 255, 254]),
    };
    const { means, told, aim, beacon } = started(files);
    aim('/a', '/b', '/c', '/d');
    await means.clock.advance(day);
    expect(told).to.deep.equal([]);
    expect(beacon.tell()).to.equal('4 certificates, 4 not there');
    means.machine.files.set('/d', pem(-80, 10));
    aim('/a', '/b', '/c', '/d');
    await means.clock.advance(0);
    expect(means.notices).to.deep.equal(['/d']);
  });

  it('does not keep a processor busy for lives that are none', async () => {
    const { means, told, aim } = started({ '/a': pem(10, 10), '/b': pem(10, 5), '/c': pem(-10, -20) });
    aim('/a', '/b', '/c');
    await means.clock.advance(day);
    expect(told.length).to.be.below(3 * 24 * 60 + 5);
    expect(means.clock.rung).to.be.below(3 * 24 * 60 + 60);
  });

  it('follows a clock that is set, or a machine that slept', async () => {
    const { means, told, aim } = started({ [path]: pem(0, 90) });
    aim(path);
    await means.clock.advance(day);
    means.clock.set(start + 61 * day);
    await means.clock.advance(hour);
    expect(told).to.have.length(1);
    means.clock.set(start + 30 * day);
    await means.clock.advance(7 * hour);
    expect(told).to.have.length(1);
    await means.clock.advance(29 * day + 18 * hour);
    expect(told).to.have.length(2);
  });

  it('has one alarm for a thousand files, and reads each no more than every six hours', async () => {
    const paths = Array.from({ length: 1000 }, (_, index) => `/certs/${index}.pem`);
    const { means, told, aim } = started({});
    const young = pem(0, 90);
    for (const name of paths) means.machine.files.set(name, young);
    let reads = 0;
    const { content } = means.machine;
    means.machine.content = (name) => {
      reads++;
      return content(name);
    };
    aim(...paths);
    await means.clock.advance(day);
    for (let run = 0; run < 100; run++) {
      aim(...paths);
      await means.clock.advance(0);
    }
    expect(means.clock.pending).to.equal(1);
    expect(reads).to.be.within(4000, 5000);
    expect(told).to.deep.equal([]);
  });

  it('needs no alarm where there is nothing to look at', () => {
    const { means, beacon } = started({});
    expect(means.clock.pending).to.equal(0);
    expect(beacon.tell()).to.equal('0 certificates');
  });

  it('stops in any state', async () => {
    const { means, beacon, told, aim } = started({ [path]: pem(-80, 10) });
    aim(path);
    beacon[Symbol.dispose]();
    beacon[Symbol.dispose]();
    expect(means.clock.pending).to.equal(0);
    await means.clock.advance(day);
    expect(told).to.deep.equal([]);
  });

  it('looks at once where somebody asks', async () => {
    const { told, aim, beacon } = started({ [path]: pem(-80, 10) });
    aim(path);
    await beacon.look!();
    expect(told).to.have.length(1);
  });

  it('reads what openssl makes (needs openssl)', async function () {
    if (!isOnPath('openssl')) this.skip();
    await using folder = temporaryFolder();
    const [file, keyFile] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
    const words =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=a.org';
    execFileSync('openssl', [...words.split(' '), '-keyout', keyFile, '-out', file], { stdio: 'ignore' });
    const content = readFileSync(file);
    const now = Date.now();
    const means = fakeMeans({ clock: fakeClock(now) });
    means.machine.files.set('/a.pem', content);
    using beacon = cert.start({ paths: ['/a.pem'] }, means, '');
    await means.clock.advance(20 * day - hour);
    expect(means.notices).to.deep.equal([]);
    await means.clock.advance(2 * hour);
    expect(means.notices).to.deep.equal(['/a.pem']);
    expect(beacon.tell()).to.equal('1 certificate, 1 to be renewed');
  });
});
