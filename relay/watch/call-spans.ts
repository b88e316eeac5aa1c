import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Happening, LogFields } from '../log.ts';

/** A room has two calls at most, one taking over from the other; what is beyond that was never told to be over. */
const MOST_CALLS_OF_ROOM = 4;

interface Call {
  room: string;
  epoch: number;
  span: Span;
  /** From the dialling to the leg's opening; undefined when that is over. */
  setup: Span | undefined;
  legId: string | undefined;
  heardBy: boolean;
}

/**
 * A span `conf.call` for each call of the relay, from its dialling to its end, with a child `conf.call.setup` up to the
 * leg's opening. Through OpenTelemetry's API only: where the operator loads no SDK, nothing is made or kept of a span.
 */
export class CallSpans {
  readonly #tracer: Pick<Tracer, 'startSpan'>;
  readonly #calls = new Map<string, Call[]>();

  /** `tracer` gives the spans; by default that of the SDK which the process has loaded, now or later. */
  constructor(version: string, tracer: Pick<Tracer, 'startSpan'> = trace.getTracer('conf-relay', version)) {
    this.#tracer = tracer;
  }

  /** Takes a line of the log. */
  note({ atMs, event, fields }: Happening): void {
    const { room } = fields;
    if (typeof room !== 'string') return;
    switch (event) {
      case 'call.dialled':
        return this.#begin(room, fields, atMs);
      case 'call.placed':
        return this.#placed(room, fields, atMs);
      case 'call.refused':
        return this.#endWhere(room, ofEpoch(fields), atMs, `refused: ${String(fields['code'])}`);
      case 'leg.opened':
        return this.#opened(room, fields, atMs);
      case 'leg.closed':
        return this.#endWhere(room, ofEpoch(fields), atMs, fields['end'] === 'lost' ? 'lost' : undefined);
      case 'call.hung-up':
      case 'call.gone':
        return this.#endWhere(room, ({ legId }) => legId === fields['leg'], atMs);
      case 'leg.stalled':
      case 'leg.replaced':
        return this.#mark(room, event, fields, atMs);
      case 'room.state':
        return this.#state(room, fields['state'], atMs);
    }
  }

  /** A room's audience has changed: the first listener of a call is an event of it. */
  audience(room: string, listeners: number, atMs: number): void {
    if (listeners === 0) return;
    for (const call of this.#of(room)) {
      if (call.heardBy) continue;
      call.heardBy = true;
      call.span.addEvent('first-listener', atMs);
    }
  }

  /** Ends every span: the relay is going away. */
  close(atMs: number): void {
    for (const room of this.#calls.keys()) this.#endWhere(room, () => true, atMs);
  }

  #begin(room: string, fields: LogFields, atMs: number): void {
    const epoch = Number(fields['epoch']);
    const attributes: Attributes = { 'conf.room': room, 'conf.epoch': epoch };
    const options = { attributes, startTime: atMs, kind: SpanKind.CLIENT };
    const span = this.#tracer.startSpan('conf.call', options, ROOT_CONTEXT);
    if (!span.isRecording()) return;
    const within = trace.setSpan(ROOT_CONTEXT, span);
    const setup = this.#tracer.startSpan('conf.call.setup', options, within);
    const calls = [...this.#of(room), { room, epoch, span, setup, legId: undefined, heardBy: false }];
    this.#calls.set(room, calls);
    const oldest = calls[0];
    if (oldest && calls.length > MOST_CALLS_OF_ROOM)
      this.#endWhere(room, (call) => call === oldest, atMs, 'its end was not told');
  }

  #placed(room: string, fields: LogFields, atMs: number): void {
    const call = this.#of(room).find(ofEpoch(fields));
    if (!call) return;
    call.legId = String(fields['leg']);
    call.span.setAttribute('conf.leg', call.legId);
    call.span.addEvent('placed', atMs);
  }

  #opened(room: string, fields: LogFields, atMs: number): void {
    const call = this.#of(room).find(ofEpoch(fields));
    if (!call) return;
    call.span.addEvent('opened', atMs);
    call.setup?.end(atMs);
    call.setup = undefined;
  }

  #mark(room: string, event: string, fields: LogFields, atMs: number): void {
    this.#of(room).find(ofEpoch(fields))?.span.addEvent(event, atMs);
  }

  /** A leg that the relay itself lets go of closes without a line of its own; the room's state tells. */
  #state(room: string, state: unknown, atMs: number): void {
    if (state === 'live') this.#of(room).at(-1)?.span.addEvent('live', atMs);
    if (state === 'connecting') return this.#endWhere(room, ({ setup }) => !setup, atMs);
    if (state === 'idle' || state === 'ended' || state === 'unavailable')
      this.#endWhere(room, () => true, atMs);
  }

  #endWhere(room: string, isIt: (call: Call) => boolean, atMs: number, error?: string): void {
    const calls = this.#of(room);
    for (const { span, setup } of calls.filter(isIt)) {
      if (error !== undefined) {
        setup?.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      }
      setup?.end(atMs);
      span.end(atMs);
    }
    const left = calls.filter((call) => !isIt(call));
    if (left.length > 0) this.#calls.set(room, left);
    else this.#calls.delete(room);
  }

  #of(room: string): readonly Call[] {
    return this.#calls.get(room) ?? [];
  }
}

function ofEpoch(fields: LogFields): (call: Call) => boolean {
  return ({ epoch }) => epoch === fields['epoch'];
}
