/** Whether PulseAudio is installed here. */
export const hasPulseAudio: boolean;

/** A sound server of our own with one device that sounds nowhere. */
export interface SoundServer {
  /** Value of `PULSE_SERVER` for whoever plays to it. */
  address: string;
  /** Takes the device away, as when a headset is unplugged. */
  unplug(): Promise<unknown>;
  /** Puts a new device in its place. */
  plug(): Promise<void>;
  /** How many streams play to a device now. */
  players(): Promise<number>;
  close(): Promise<void>;
}

/** Starts one. Rejects when PulseAudio does not come up within 5 s. */
export function startSoundServer(): Promise<SoundServer>;
