import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ListenerAdmission } from '../../../relay/access/admission.ts';
import { Reception, admitted } from '../../../relay/access/reception.ts';
import { RoomAccess } from '../../../relay/access/room-access.ts';
import { Stay } from '../../../relay/access/stay.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';
import { ticketsBy } from '../../support/tickets.ts';

const clock = new FakeClock();
const tickets = ticketsBy('a secret of thirty-two characters', clock);
const rooms = new Map([
  [roomId('allhands'), { access: 'open' as const, origins: [] }],
  [roomId('board'), { access: 'ticket' as const, origins: [] }],
]);
const limits = { connections: 100, perAddress: 100, joinsPerSec: 100 };

let admission: ListenerAdmission;
let reception: Reception;
beforeEach(() => {
  admission = new ListenerAdmission({
    limits,
    ofRoom: () => 100,
    retryWindowMs: 1000,
    clock,
    random: () => 0.5,
  });
  const access = new RoomAccess({ rooms, tickets, ownOrigin: 'https://relay.example', clock });
  reception = new Reception({ admission, access, trustProxy: 0, clock, log: new KeptLog() });
});

function requestWith(headers: Record<string, string> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

function responseTo(request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.assignSocket(request.socket);
  return response;
}

async function bearer(ttlSec = 60): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await tickets.issue(['board'], 'listen', ttlSec)}` };
}

describe('who vanishes while the ticket is checked', () => {
  test('leaves no place, no timer, and nobody to be sent away', async () => {
    const ticket = await tickets.issue(['board'], 'listen', 60);
    const request = requestWith({ 'sec-websocket-protocol': `conf.v1, bearer.${ticket}` });
    const received = reception.receiveUpgrade('board', request);
    expect(admission.connections).toBe(1);
    request.socket.destroy().emit('close');
    const { stay } = admitted(await received);
    const ends: string[] = [];
    stay.watch(({ code }) => ends.push(code));
    await reception.revoke(roomId('board'));
    expect([admission.connections, clock.pending, ends]).toEqual([0, 0, []]);
  });

  test('leaves nothing of a response either', async () => {
    const request = requestWith(await bearer());
    const response = responseTo(request);
    const received = reception.receiveResponse('board', request, response);
    response.destroy().emit('close');
    admitted(await received).stay.watch(() => {});
    expect([admission.connections, clock.pending]).toEqual([0, 0]);
  });
});

describe('who is refused', () => {
  test('takes up a connection until it closes: 1, then 0', async () => {
    const request = requestWith();
    expect(await reception.receiveUpgrade('board', request)).toMatchObject({ kind: 'refused' });
    expect(admission.connections).toBe(1);
    request.socket.emit('close');
    expect(admission.connections).toBe(0);
  });

  test('with a poll, which has no connection, is gone at once', async () => {
    expect(await reception.receivePoll('board', requestWith())).toMatchObject({ kind: 'refused' });
    expect(admission.connections).toBe(0);
  });

  test('behind another response on its connection is told so: 400', async () => {
    const request = requestWith(await bearer());
    const received = reception.receiveResponse('board', request, new ServerResponse(request));
    await expect(received).rejects.toMatchObject({ problem: { code: 'bad-request', status: 400 } });
    expect(admission.connections).toBe(0);
  });
});

describe('a ticket', () => {
  test('in the header counts before one in the address, and may be of 8 h', async () => {
    const request = requestWith(await bearer(8 * 3600));
    const welcome = await reception.receiveResponse('board', request, responseTo(request), 'garbage');
    expect(welcome.kind).toBe('admitted');
  });

  test('in the address is taken with 59 s left', async () => {
    const ticket = await tickets.issue(['board'], 'listen', 59);
    const request = requestWith();
    const welcome = await reception.receiveResponse('board', request, responseTo(request), ticket);
    expect(welcome.kind).toBe('admitted');
  });

  test('that was taken back ends 3 stays of its room, and neither the next one nor an open room’s', async () => {
    const ends: string[] = [];
    const seat = async (room: string): Promise<void> => {
      const { stay } = admitted(await reception.receivePoll(room, requestWith(await bearer())));
      stay.watch(({ code }) => ends.push(`${room} ${code}`));
    };
    for (const room of ['board', 'board', 'allhands', 'board']) await seat(room);
    clock.advance(1000);
    await reception.revoke(roomId('board'));
    expect(ends).toEqual(['board ticket-revoked', 'board ticket-revoked', 'board ticket-revoked']);
    await seat('board');
    expect(ends).toHaveLength(3);
  });

  test('is forgotten with who brought it: of 100 who have left none is sent away', async () => {
    for (let n = 0; n < 100; n++) {
      clock.advance(1000);
      admitted(await reception.receivePoll('board', requestWith(await bearer()))).stay.leave();
    }
    const end = vi.spyOn(Stay.prototype, 'end');
    await reception.revoke(roomId('board'));
    expect(end).not.toHaveBeenCalled();
    end.mockRestore();
  });

  test('that comes with the next request makes the stay of who polls 60 s longer', async () => {
    const { stay } = admitted(await reception.receivePoll('board', requestWith(await bearer())));
    const ends: string[] = [];
    stay.watch(({ code }) => ends.push(code));
    clock.advance(50_000);
    await reception.check('board', requestWith(await bearer()), stay);
    clock.advance(59_999);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual(['ticket-expired']);
  });
});
