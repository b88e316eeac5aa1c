/** A context at the device's own rate, and the node that leads to the device. */
export interface Sound {
  context: AudioContext;
  output: AudioNode;
}

/** Makes one; throws where there is no Web Audio, or the browser refuses another context. */
export type SoundMaker = (latencyHint: AudioContextLatencyCategory | number) => Sound;

/** Call it inside the user's gesture if there is one: engines let only such a context run. */
export const newSound: SoundMaker = (latencyHint) => {
  // Safari: sound although the ring switch says silent. Says before the context is made what it is for.
  const audioSession: unknown = Reflect.get(navigator, 'audioSession');
  if (audioSession instanceof Object) Reflect.set(audioSession, 'type', 'playback');
  const context = new AudioContext({ latencyHint });
  const output = new GainNode(context);
  if (audioSession && navigator.maxTouchPoints > 0) playAsMedia(context, output);
  else output.connect(context.destination);
  return { context, output };
};

/**
 * iOS suspends a bare context behind the lock screen, not a media element. Only where there is an audio session and a
 * touch screen, that is in Safari on iPhone and iPad. Not tried on a device; a refused element changes nothing.
 */
function playAsMedia(context: AudioContext, from: AudioNode): void {
  const stream = new MediaStreamAudioDestinationNode(context);
  const element = new Audio();
  element.srcObject = stream.stream;
  from.connect(stream);
  element.play().catch(() => {
    from.disconnect();
    from.connect(context.destination);
  });
}
