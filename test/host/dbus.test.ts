import { expect } from 'chai';
import { createMessageReader, Garbled, type Message, pingOf } from '../../engine/host/dbus.ts';
import { messageBytes } from '../helpers/dbus.ts';

function read(...pieces: Buffer[]): Message[] {
  const messages: Message[] = [];
  const reader = createMessageReader((message) => void messages.push(message));
  for (const piece of pieces) reader(piece);
  return messages;
}

const signal = {
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
  member: 'JobRemoved',
  body: [76, '/org/freedesktop/systemd1/job/76', 'haproxy.service', 'done'],
};

describe('D-Bus', () => {
  for (const big of [false, true]) {
    it(`reads headers and bodies, ${big ? 'big' : 'little'}-endian`, () => {
      const [message] = read(messageBytes({ ...signal, big }));
      expect(message).to.include({
        kind: 'signal',
        path: signal.path,
        interface: signal.interface,
        member: signal.member,
      });
      const { body } = message!;
      expect([body.number(), body.text(), body.text(), body.text()]).to.deep.equal(signal.body);
      expect(body.left).to.equal(0);
      expect(() => body.text()).to.throw(RangeError);
    });
  }

  it('does not mind where the stream is cut', () => {
    const all = Buffer.concat([
      messageBytes(signal),
      messageBytes({ ...signal, body: [] }),
      messageBytes(signal),
    ]);
    for (const size of [1, 3, 16, 100, all.length]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
      expect(read(...pieces), `pieces of ${size}`).to.have.length(3);
    }
  });

  it('passes over header fields it does not know', () => {
    const fields = [
      [7, 's', 'org.freedesktop.systemd1'],
      [8, 'g', 'uoss'],
      [9, 'u', 0],
      [77, 's', 'of the future'],
    ] as const;
    expect(read(messageBytes({ ...signal, fields }))[0]!.member).to.equal('JobRemoved');
  });

  it('takes nothing for a message that is none', () => {
    expect(() => read(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).to.throw(Garbled);
    const huge = messageBytes(signal);
    huge.writeUInt32LE(0x7fffffff, 4);
    expect(() => read(huge)).to.throw(Garbled, /2147483/);
    // A text in the header that is longer than all of it.
    const cut = messageBytes(signal);
    cut.writeUInt32LE(5000, 20);
    expect(() => read(cut)).to.throw(Garbled, /end too early/);
  });

  it('asks for a sign of life', () => {
    const [message] = read(pingOf('/org/freedesktop/systemd1'));
    expect(message).to.include({
      kind: 'call',
      path: '/org/freedesktop/systemd1',
      interface: 'org.freedesktop.DBus.Peer',
      member: 'Ping',
    });
    expect(message!.body.left).to.equal(0);
  });
});
