import { ProxyTracerProvider, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import type { LogFields } from '../../../relay/log.ts';
import { CallSpans } from '../../../relay/watch/call-spans.ts';
import { KeptTracer } from './kept-spans.ts';

function stage() {
  const tracer = new KeptTracer();
  const spans = new CallSpans('1.2.3', tracer);
  let atMs = 0;
  /** One line a second. */
  const happens = (event: string, fields: LogFields) =>
    spans.note({ atMs: (atMs += 1000), level: 'info', event, fields: { room: 'a', ...fields } });
  const [call, setup] = [0, 1].map((n) => () => tracer.spans[n]);
  return { tracer, spans, happens, call: call ?? (() => undefined), setup: setup ?? (() => undefined) };
}

afterEach(() => trace.disable());

test('a call that goes well: 6 s from dialling to its end, 3 s of them until the leg opened', () => {
  const { tracer, spans, happens, call, setup } = stage();
  happens('call.dialled', { epoch: 5, attempt: 0 });
  happens('call.placed', { epoch: 5, leg: 'leg-1' });
  spans.audience('a', 1, 2500);
  spans.audience('a', 2, 2600);
  happens('leg.opened', { epoch: 5 });
  happens('room.state', { state: 'live' });
  happens('leg.stalled', { epoch: 5 });
  happens('leg.closed', { epoch: 5, end: 'ended' });
  expect(tracer.spans.map(({ name }) => name)).toEqual(['conf.call', 'conf.call.setup']);
  expect(call()).toMatchObject({
    attributes: { 'conf.room': 'a', 'conf.epoch': 5, 'conf.leg': 'leg-1' },
    beganAtMs: 1000,
    endedAtMs: 6000,
    ends: 1,
    parent: undefined,
    status: undefined,
  });
  expect(call()?.events).toEqual([
    ['placed', 2000],
    ['first-listener', 2500],
    ['opened', 3000],
    ['live', 4000],
    ['leg.stalled', 5000],
  ]);
  expect(setup()).toMatchObject({ beganAtMs: 1000, endedAtMs: 3000, ends: 1, parent: call() });
});

test('a refused call ends both spans with the code as their error', () => {
  const { happens, call, setup } = stage();
  happens('call.dialled', { epoch: 5 });
  happens('call.refused', { epoch: 5, code: 'http-429' });
  const error = { code: SpanStatusCode.ERROR, message: 'refused: http-429' };
  expect(call()).toMatchObject({ status: error, endedAtMs: 2000, ends: 1 });
  expect(setup()).toMatchObject({ status: error, endedAtMs: 2000, ends: 1 });
});

test('a lost leg is an error; one that was replaced or hung up is none', () => {
  const { happens, tracer } = stage();
  happens('call.dialled', { epoch: 5 });
  happens('leg.opened', { epoch: 5 });
  happens('leg.closed', { epoch: 5, end: 'lost' });
  happens('call.dialled', { epoch: 6 });
  happens('call.placed', { epoch: 6, leg: 'leg-6' });
  happens('leg.opened', { epoch: 6 });
  happens('call.dialled', { epoch: 7 });
  happens('call.placed', { epoch: 7, leg: 'leg-7' });
  happens('leg.opened', { epoch: 7 });
  happens('leg.replaced', { epoch: 6, leg: 'leg-7', by: 'sound' });
  happens('leg.closed', { epoch: 6, end: 'replaced' });
  happens('call.hung-up', { leg: 'leg-7' });
  happens('leg.closed', { epoch: 7, end: 'ended' });
  const calls = tracer.spans.filter(({ name }) => name === 'conf.call');
  expect(calls.map(({ status, ends, endedAtMs }) => [status?.message, ends, endedAtMs])).toEqual([
    ['lost', 1, 3000],
    [undefined, 1, 11_000],
    [undefined, 1, 12_000],
  ]);
});

test('a leg that the relay lets go of without a line ends when the room connects anew, or rests', () => {
  const { happens, tracer } = stage();
  happens('call.dialled', { epoch: 5 });
  happens('room.state', { state: 'connecting' });
  happens('leg.opened', { epoch: 5 });
  expect(tracer.spans[0]?.ends).toBe(0);
  happens('room.state', { state: 'connecting' });
  expect(tracer.spans[0]?.ends).toBe(1);
  happens('call.dialled', { epoch: 6 });
  happens('room.state', { state: 'idle' });
  expect(tracer.spans.map(({ ends }) => ends)).toEqual([1, 1, 1, 1]);
});

test('of 1,000 calls whose end is never told 4 are kept, and none when the relay goes', () => {
  const { happens, spans, tracer } = stage();
  for (let epoch = 0; epoch < 1000; epoch++) happens('call.dialled', { epoch });
  const open = () => tracer.spans.filter(({ ends }) => ends === 0).length;
  expect(open()).toBe(2 * 4);
  spans.close(2_000_000);
  expect(open()).toBe(0);
  expect(tracer.spans.every(({ ends }) => ends === 1)).toBe(true);
});

test('without an SDK nothing is kept; one that is loaded later gets the spans of the next call', () => {
  const spans = new CallSpans('1.2.3');
  const dial = (epoch: number) =>
    spans.note({ atMs: 1, level: 'info', event: 'call.dialled', fields: { room: 'a', epoch } });
  dial(1);
  const tracer = new KeptTracer();
  const provider = {
    getTracer: () => ({
      startSpan: tracer.startSpan.bind(tracer),
      startActiveSpan: () => {
        throw new Error('not used');
      },
    }),
  };
  expect(trace.getTracerProvider()).toBeInstanceOf(ProxyTracerProvider);
  trace.setGlobalTracerProvider(provider);
  dial(2);
  expect(tracer.spans.map(({ attributes }) => attributes['conf.epoch'])).toEqual([2, 2]);
});
