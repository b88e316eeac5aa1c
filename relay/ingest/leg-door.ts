import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CloseCode } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { Clock } from '../clock.ts';
import type { Admission } from '../leg.ts';
import type { Log } from '../log.ts';
import { LEG_MAX_PAYLOAD_BYTES, connectLeg } from './leg-socket.ts';

const CLOSE_GRACE_MS = 2000;

/** An upgrade request as `node:http` hands it over. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** Where legs of every kind come in once their right to be here is shown. */
export class LegDoor {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: LEG_MAX_PAYLOAD_BYTES,
  });
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Upgrades and connects the leg to the room, or closes it with 4409 when the room has no use for it. */
  open({ request, socket, head }: Upgrade, room: RoomId, admission: Admission): void {
    this.#server.handleUpgrade(request, socket, head, (leg) => {
      if (admission.kind === 'refused') return this.#refuse(leg, room, admission.why);
      connectLeg({ socket: leg, sink: admission.sink, room, clock: this.#clock, log: this.#log });
    });
  }

  #refuse(leg: WebSocket, room: RoomId, why: string): void {
    this.#log.warn('leg.refused', { room, why });
    leg.on('error', () => leg.terminate());
    leg.close(CloseCode.superseded, why);
    leg.once(
      'close',
      this.#clock.after(CLOSE_GRACE_MS, () => leg.terminate()),
    );
  }
}
