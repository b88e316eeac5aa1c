import { sine } from './audio-source.ts';
import type { AudioSource } from './audio-source.ts';
import type { ConversationAction } from './ncco.ts';
import type { Settings } from './options.ts';
import type { Clock } from './clock.ts';

/** A call inside a conversation. */
export interface Member {
  readonly uuid: string;
  /** The conversation ended under it, or its host threw everybody out. */
  onConversationEnd(): void;
  /** Somebody in the conversation, perhaps this member itself, pressed a key. */
  onDigit(digit: string): void;
}

/** What a member hears: the talkers, hold music, or nothing at all (no frames). */
export type Sound = { kind: 'source' | 'hold'; source: AudioSource } | { kind: 'none' };

/** One conference. Its media clock starts when it is created, and its source plays on that clock. */
export interface Conversation {
  readonly name: string;
  /** `CON-…`. */
  readonly uuid: string;
  /** Unix milliseconds of source frame 0. */
  readonly createdAtMs: number;
  readonly members: ReadonlyMap<Member, ConversationAction>;
}

interface OpenConversation extends Conversation {
  members: Map<Member, ConversationAction>;
  started: boolean;
}

const HOLD_MUSIC = sine(523, -30);

/** The conversations of the application, by name, and what each of them plays. */
export class Conversations {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenConversation>();
  readonly #sources = new Map<string, AudioSource>();

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Sets what a conversation plays, now and whenever it comes again. Its media clock is not touched. */
  play(name: string, source: AudioSource): void {
    this.#sources.set(name, source);
    if (this.#settings.alwaysStarted) this.#ensure(name);
  }

  find(name: string): Conversation | undefined {
    return this.#open.get(name);
  }

  /** Lets a member in; `undefined` when the conversation is full. */
  enter(member: Member, action: ConversationAction): Conversation | undefined {
    const conversation = this.#ensure(action.name);
    if (conversation.members.size >= this.#settings.maxParticipants) return undefined;
    conversation.members.set(member, action);
    if (action.startOnEnter) conversation.started = true;
    return conversation;
  }

  /** Lets a member out, and ends the conversation when it was a host (`endOnExit`) or the last one. */
  leave({ name, uuid }: Conversation, member: Member): void {
    const conversation = this.#open.get(name);
    const action = conversation?.members.get(member);
    // One that has ended has let everybody out already, and another may have its name by now.
    if (!conversation || !action || conversation.uuid !== uuid) return;
    conversation.members.delete(member);
    if (action.endOnExit) return this.end(name);
    // Talkers who are always there keep a conversation alive.
    if (conversation.members.size === 0 && !this.#settings.alwaysStarted) this.#open.delete(name);
  }

  /** Ends a conversation: its members go on to their next NCCO action. */
  end(name: string): void {
    const conversation = this.#open.get(name);
    this.#open.delete(name);
    const members = [...(conversation?.members.keys() ?? [])];
    conversation?.members.clear();
    for (const member of members) member.onConversationEnd();
  }

  /** What this member hears at the moment. */
  soundFor(conversation: Conversation, member: Member): Sound {
    const state = this.#open.get(conversation.name);
    if (!state || state.uuid !== conversation.uuid) return { kind: 'none' };
    if (state.started || this.#settings.alwaysStarted) {
      return { kind: 'source', source: this.#sources.get(state.name) ?? this.#settings.source };
    }
    const actions = [...state.members.values()];
    const music = actions.some((action) => action.musicOnHoldUrl.length > 0);
    return music && state.members.has(member) ? { kind: 'hold', source: HOLD_MUSIC } : { kind: 'none' };
  }

  #ensure(name: string): OpenConversation {
    const known = this.#open.get(name);
    if (known) return known;
    const made: OpenConversation = {
      name,
      uuid: `CON-${this.#settings.newId()}`,
      createdAtMs: this.#clock.nowMs(),
      members: new Map(),
      started: false,
    };
    this.#open.set(name, made);
    return made;
  }
}
