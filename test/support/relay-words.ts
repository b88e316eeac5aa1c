import type { Chunk } from '../../wire/chunk.ts';
import { samplesIn } from '../../wire/format.ts';
import type { CaptionMessage, HelloMessage } from '../../wire/messages.ts';
import type { FakeSocket } from './fake-socket.ts';

/** A `hello` of a live room at 16 kHz, media clock at 0. */
export function hello(fields: Partial<HelloMessage> = {}): HelloMessage {
  return {
    type: 'hello',
    protocol: 1,
    room: 'allhands',
    title: 'All hands',
    state: 'live',
    epoch: 1,
    sampleRate: 16_000,
    chunkMs: 100,
    mediaMs: 0,
    retryWindowMs: 5000,
    ...fields,
  };
}

/** What was said in the second before `endMs` of epoch 1. */
export function caption(id: string, text: string, fields: Partial<CaptionMessage> = {}): CaptionMessage {
  const { endMs = 1000 } = fields;
  return {
    type: 'caption',
    id,
    epoch: 1,
    startMs: Math.max(0, endMs - 1000),
    endMs,
    text,
    final: false,
    ...fields,
  };
}

/** Chunk number `sequence` of epoch 1: 100 ms of a 440 Hz tone at −6 dBFS, 16 kHz. */
export function chunk(sequence: number, fields: Partial<Chunk> = {}): Chunk {
  const durationMs = 100;
  const sampleRate = fields.sampleRate ?? 16_000;
  const length = samplesIn(durationMs, sampleRate);
  const firstSample = sequence * length;
  const samples = Int16Array.from({ length }, (_, n) =>
    Math.round(16_384 * Math.sin((2 * Math.PI * 440 * (firstSample + n)) / sampleRate)),
  );
  return {
    epoch: 1,
    firstSample,
    sequence,
    gapBefore: false,
    padded: false,
    sampleRate,
    pcm: new Uint8Array(samples.buffer),
    ...fields,
  };
}

/** A relay that sends a live room's last second, then goes on in real time until what is returned is called. */
export function speak(socket: FakeSocket, epoch = 1): () => void {
  socket.tell(hello({ epoch, mediaMs: 1000 }));
  const startMs = performance.now();
  let next = 0;
  const send = (): void => {
    while ((next + 1) * 100 <= 1000 + performance.now() - startMs) socket.sendChunk(chunk(next++, { epoch }));
  };
  send();
  const timer = setInterval(send, 20);
  return () => clearInterval(timer);
}
