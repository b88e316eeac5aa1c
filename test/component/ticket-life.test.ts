import { expect } from 'chai';
import { isTicket, lifeLeft, timesOf } from '../../component/ticket-life.ts';
import { ticketOf } from '../support/page-tickets.ts';
import { seeded } from '../support/random.ts';

const NOW_SEC = 1_800_000_000;
const NOW_MS = NOW_SEC * 1000;
const HOUR_MS = 3_600_000;

describe('ticket life', () => {
  it('a ticket has the three parts of a JWT and at most 4096 characters', () => {
    expect(isTicket('a.b.c')).to.equal(true);
    expect(isTicket('a.b.')).to.equal(true);
    expect(isTicket(`a.${'b'.repeat(4092)}.c`)).to.equal(true);
    expect(isTicket(`a.${'b'.repeat(4093)}.c`)).to.equal(false);
    const others = [
      '',
      'a.b',
      '.b.c',
      'a..c',
      'a.b.c.d',
      'a.b.c\n',
      'a.b.c d',
      'a.b.ç',
      '<p>a.b.c',
      null,
      7,
      ['a.b.c'],
    ];
    for (const other of others) expect(isTicket(other), JSON.stringify(other)).to.equal(false);
  });

  it('a ticket of 100 s is good for 100 s more by a right clock, and for what is left by one 40 s later', () => {
    const ticket = ticketOf({ iat: NOW_SEC, exp: NOW_SEC + 100 });
    expect(lifeLeft(ticket, NOW_MS)).to.equal(100_000);
    expect(lifeLeft(ticket, NOW_MS - 60_000)).to.equal(160_000);
    expect(lifeLeft(ticket, NOW_MS + 40_000)).to.equal(60_000);
  });

  it('it is so by a clock that is 61 s or 1 h behind, or 1 h ahead', () => {
    const ticket = ticketOf({ iat: NOW_SEC, exp: NOW_SEC + 100 });
    for (const wrongByMs of [-61_000, -HOUR_MS, HOUR_MS])
      expect(lifeLeft(ticket, NOW_MS + wrongByMs)).to.equal(100_000);
  });

  it('without `iat` the clock decides, right or wrong', () => {
    const ticket = ticketOf({ exp: NOW_SEC + 100 });
    expect(lifeLeft(ticket, NOW_MS)).to.equal(100_000);
    expect(lifeLeft(ticket, NOW_MS + HOUR_MS)).to.equal(100_000 - HOUR_MS);
  });

  it('without an `exp` that is a number its life is not known', () => {
    const unreadable = [
      'a.b.c',
      'a.!.c',
      '',
      ticketOf({}),
      ticketOf({ exp: '100' }),
      ticketOf({ exp: null }),
    ];
    for (const ticket of unreadable) expect(Number.isNaN(lifeLeft(ticket, NOW_MS)), ticket).to.equal(true);
  });

  it('claims with “ü”, “→” and “?>” in them are read: the alphabet is that of base64url', () => {
    const payload = btoa(unescape(encodeURIComponent(JSON.stringify({ name: 'ü→?>~', exp: 100 }))));
    expect(payload).to.match(/[+/]/);
    const ticket = `a.${payload.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')}.c`;
    expect(timesOf(ticket).endMs).to.equal(100_000);
  });

  it('10,000 payloads of any bytes or JSON: never an exception', () => {
    const random = seeded(7);
    const words = [
      'null',
      '1',
      '"a"',
      '[]',
      '{"exp":',
      '1e999',
      '{"iat":-1,"exp":1}',
      '}',
      '{"exp":{}}',
      '\u0000',
    ];
    for (let n = 0; n < 10_000; n++) {
      const text = Array.from({ length: 1 + random() * 3 }, () => words[Math.floor(random() * words.length)]);
      const payload = random() < 0.5 ? btoa(text.join('')) : String(random());
      lifeLeft(`a.${payload}.c`, NOW_MS);
    }
  });
});
