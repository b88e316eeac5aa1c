import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { Happening } from '../log.ts';
import type { Trouble } from '../relay-status.ts';

/** So many happenings of a room are kept: an hour of a restless one. */
const KEPT = 200;
const KEPT_PROBLEMS = 5;

interface Story {
  happenings: Happening[];
  problems: Trouble[];
}

/** What happened lately in each room, and what went wrong in the relay itself. */
export class Timeline {
  readonly #rooms: { has(room: RoomId): boolean };
  readonly #ofRoom = new Map<RoomId, Story>();
  readonly #relayProblems: Trouble[] = [];

  /** `rooms` are those there are; they may change, and nothing is kept of others. */
  constructor(rooms: { has(room: RoomId): boolean }) {
    this.#rooms = rooms;
  }

  /** Keeps a line of the log. */
  note(happening: Happening): void {
    const { atMs, level, event, fields } = happening;
    const story = this.#storyOf(fields['room']);
    if (story) keep(story.happenings, happening, KEPT);
    if (level === 'info') return;
    const code = fields['code'] ?? fields['why'] ?? fields['setting'] ?? null;
    const problems = story?.problems ?? this.#relayProblems;
    keep(problems, { atMs, event, code: code === null ? null : String(code) }, KEPT_PROBLEMS);
  }

  /** A room's last 200 happenings, newest last. */
  ofRoom(room: RoomId): readonly Happening[] {
    return this.#rooms.has(room) ? (this.#ofRoom.get(room)?.happenings ?? []) : [];
  }

  /** What went wrong in a room last, newest first, 5 at most. */
  problemsOf(room: RoomId): readonly Trouble[] {
    return this.#rooms.has(room) ? (this.#ofRoom.get(room)?.problems.toReversed() ?? []) : [];
  }

  /** What went wrong last and belongs to no room there is, newest first, 5 at most. */
  get relayProblems(): readonly Trouble[] {
    return this.#relayProblems.toReversed();
  }

  #storyOf(named: unknown): Story | undefined {
    const room = typeof named === 'string' ? parseRoomId(named) : undefined;
    if (room === undefined || !this.#rooms.has(room)) return undefined;
    const known = this.#ofRoom.get(room);
    if (known) return known;
    for (const other of this.#ofRoom.keys()) if (!this.#rooms.has(other)) this.#ofRoom.delete(other);
    const story: Story = { happenings: [], problems: [] };
    this.#ofRoom.set(room, story);
    return story;
  }
}

function keep<One>(all: One[], one: One, most: number): void {
  all.push(one);
  if (all.length > most) all.shift();
}
