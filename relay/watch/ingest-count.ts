import type { Admission, LegHandle, LegSink } from '../leg.ts';

/** Counts what comes in from legs and publishers: 50 frames a second each. */
export class IngestCount {
  frames = 0;
  bytes = 0;

  /** The same admission, whose frames are counted on their way into the room. */
  of(admission: Admission): Admission {
    if (admission.kind === 'refused') return admission;
    return { kind: 'admitted', sink: (handle: LegHandle) => this.#counted(admission.sink(handle)) };
  }

  #counted(sink: LegSink): LegSink {
    return {
      opened: (sampleRate) => sink.opened(sampleRate),
      frame: (pcm) => {
        this.frames++;
        this.bytes += pcm.length;
        sink.frame(pcm);
      },
      caption: (spoken) => sink.caption(spoken),
      held: (held) => sink.held(held),
      closed: (end) => sink.closed(end),
    };
  }
}
