import { FailureLimit } from '../../../relay/access/failure-limit.ts';
import { LegDoor } from '../../../relay/ingest/leg-door.ts';
import { VonageDoor } from '../../../relay/ingest/vonage-door.ts';
import { VonageSignature } from '../../../relay/ingest/vonage-signature.ts';
import type { CallNews } from '../../../relay/ingest/provider.ts';
import type { TalkerRoom } from '../../../relay/ingest/talker-entry.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';
import { ACCOUNT, signed } from './signed.ts';

/** A room that asks for no PIN. */
export const OPEN: TalkerRoom = {
  id: roomId('allhands'),
  title: 'All hands',
  conversation: 'allhands-conf',
  pin: undefined,
  hostPin: undefined,
};
const BOARD: TalkerRoom = {
  id: roomId('board'),
  title: 'Board',
  conversation: 'board-conf',
  pin: '2468',
  hostPin: '13579',
};
/** Who calls in these tests. */
export const CALLER = '4915112345678';

/** What {@link setDoor} gives. */
export type DoorStage = ReturnType<typeof setDoor>;

/** The door of a relay with an open room under 442079460001, and a moderated one, PIN 2468, host 13579, under …2. */
export function setDoor() {
  const clock = new FakeClock();
  const log = new KeptLog();
  const news: CallNews[] = [];
  const rooms = [OPEN, BOARD];
  const door = new VonageDoor({
    door: new LegDoor(clock, log),
    signature: new VonageSignature(ACCOUNT, clock),
    spendLegTicket: () => ({ kind: 'wrong' }),
    admit: () => ({ kind: 'refused', why: 'not-expected' }),
    roomOfNumber: (number) => rooms[['442079460001', '442079460002'].indexOf(number)],
    roomOfId: (id) => rooms.find((room) => room.id === id),
    pinFailures: new FailureLimit(20, clock),
    publicUrl: 'https://relay.example',
    onNews: (each) => news.push(each),
    log,
  });
  const iat = clock.wallMs() / 1000;
  const sign = (body: string) => signed({ iat: clock.wallMs() / 1000, body });
  const event = (body: string, authorization = sign(body)) => door.event(authorization, body);
  const answer = (body: string, authorization = sign(body)) => door.answer(authorization, body);
  const pin = (body: string, path = 'board/1', authorization = sign(body)) => {
    const [room = '', attempt = ''] = path.split('/');
    return door.pin(authorization, body, room, attempt);
  };
  return { clock, door, log, news, iat, event, answer, pin, sign };
}

/** What the platform brings when a caller has keyed this in. */
export function keyed(digits: string, from: string | null = CALLER): string {
  return JSON.stringify({
    speech: { results: [] },
    dtmf: { digits, timed_out: false },
    from,
    to: '442079460002',
    uuid: 'u-1',
  });
}
