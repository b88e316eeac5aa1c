import { expect, test } from 'vitest';
import { ENDLESS_DATA_BYTES, readWav, wavHeaderBytes, writeWavHeader } from '../../wire/wav.ts';

test('a 44-byte header of 48 kHz stereo is read back with the samples after it', () => {
  const file = new Uint8Array(wavHeaderBytes() + 8);
  writeWavHeader(file, { sampleRate: 48_000, channels: 2 }, 8);
  file.set([1, 2, 3, 4, 5, 6, 7, 8], 44);
  const reading = readWav(file);
  expect(reading).toMatchObject({ kind: 'wav', wav: { sampleRate: 48_000, channels: 2 } });
  expect(reading.kind === 'wav' && [...reading.wav.pcm]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('the header of an endless stream stays below the 2 GiB that a signed size can say', () => {
  const header = new Uint8Array(wavHeaderBytes());
  writeWavHeader(header, { sampleRate: 48_000, channels: 2 }, ENDLESS_DATA_BYTES);
  expect(new DataView(header.buffer).getUint32(4, true)).toBeLessThan(2 ** 31);
});

test('an extra chunk of odd length or with a long id is refused', () => {
  const target = new Uint8Array(100);
  const format = { sampleRate: 16_000, channels: 1 };
  expect(() => writeWavHeader(target, format, 0, { id: 'conf', body: new Uint8Array(3) })).toThrow(
    RangeError,
  );
  expect(() => writeWavHeader(target, format, 0, { id: 'confs', body: new Uint8Array(4) })).toThrow(
    RangeError,
  );
});

test('a file of more than 64 RIFF chunks is not walked to its end', () => {
  const junk = [0x4a, 0x55, 0x4e, 0x4b, 0, 0, 0, 0];
  const head = [0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x41, 0x56, 0x45];
  const file = new Uint8Array([...head, ...Array.from({ length: 65 }, () => junk).flat()]);
  expect(readWav(file)).toEqual({ kind: 'fault', code: 'no-format' });
});
