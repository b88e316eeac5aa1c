import * as v from 'valibot';
import type { AdminConfig, Config } from '../config/config.ts';
import { networkAdvice, networkFault } from '../network-fault.ts';
import { localOrigin } from './reach-checks.ts';
import { printJson, refuse, warn, type ExitCode, type Terminal } from './terminal.ts';

const TIMEOUT_MS = 5000;

/** Of each room, what the table shows; `OperatedRoom` has more. */
const RoomList = v.object({
  rooms: v.array(
    v.looseObject({
      room: v.string(),
      state: v.string(),
      listeners: v.looseObject({ now: v.number(), peak: v.number() }),
      leg: v.nullable(v.looseObject({ ageSec: v.number() })),
    }),
  ),
});

/** Prints what the running relay's admin listener says of its rooms; 1 where it says nothing. */
export async function listRooms({ admin }: Config, json: boolean, terminal: Terminal): Promise<ExitCode> {
  if (!admin) return refuse(terminal, 'rooms: set CONF_ADMIN_KEY first, for relay and this command alike');
  const answer = await ask(admin);
  if (answer.kind === 'fault') {
    warn(terminal, `rooms: ${answer.detail}`);
    return 1;
  }
  const parsed = v.safeParse(RoomList, answer.body);
  if (!parsed.success) {
    warn(
      terminal,
      `rooms: what listens on admin.port ${admin.port} is no relay of this version; look at admin.port`,
    );
    return 1;
  }
  if (json) printJson(terminal, answer.body);
  else terminal.out(tableOf(parsed.output.rooms));
  return 0;
}

async function ask(
  admin: AdminConfig,
): Promise<{ kind: 'body'; body: unknown } | { kind: 'fault'; detail: string }> {
  const at = localOrigin(admin.host, admin.port);
  try {
    const reply = await fetch(`${at}/v1/rooms`, {
      headers: { authorization: `Bearer ${admin.key}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (reply.status === 200) return { kind: 'body', body: await reply.json() };
    await reply.body?.cancel();
    return { kind: 'fault', detail: refusal(at, reply.status) };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'body', body: undefined }; // no JSON: it is no relay
    const { why } = networkAdvice(networkFault(error));
    return { kind: 'fault', detail: `${at}: ${why}; does the relay run, with this admin.port and a key?` };
  }
}

function refusal(at: string, status: number): string {
  if (status === 401) return `${at} refuses the key; it runs with another admin.key than these settings have`;
  if (status === 429) return `${at} has seen too many wrong keys; try again in a minute`;
  return `${at} answers ${status}; look at its log`;
}

function tableOf(rooms: v.InferOutput<typeof RoomList>['rooms']): string {
  const rows = rooms.map(({ room, state, listeners, leg }) => [
    plain(room),
    plain(state),
    `${listeners.now} (peak ${listeners.peak})`,
    leg === null ? '-' : ageText(leg.ageSec),
  ]);
  const cells = [['ROOM', 'STATE', 'LISTENERS', 'LEG AGE'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}

/** A relay says nothing else; whatever else listens there must not paint the terminal. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P} ]/gu, '?').slice(0, 64);
}

/** `1:02:03`. */
function ageText(ageSec: number): string {
  const sec = Math.max(0, Math.floor(ageSec));
  const parts = [Math.floor(sec / 3600), Math.floor(sec / 60) % 60, sec % 60];
  return parts.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
