import { Counter, type Registry } from 'prom-client';
import type { Happening, LogFields } from '../log.ts';

/** What a label may say; anything else becomes `other`, so that no line of the log can make a new series. */
const LEVELS = ['info', 'warn', 'error'];
const CALL_OUTCOMES = ['placed', 'refused'];
const OPERATIONS = ['place', 'hang-up', 'list'];
const STATUSES = ['ok', '400', '401', '402', '403', '404', '422', '429', '5xx', 'no-answer', 'other'];
const LEG_ENDS = ['ended', 'lost', 'closed', 'replaced', 'other'];
const REPLACEMENTS = ['sound', 'time', 'rate', 'failed', 'other'];
const WEBHOOKS = ['answer', 'event', 'pin', 'other'];
const PIN_VERDICTS = ['talker', 'host', 'wrong', 'nothing-keyed', 'too-many-failures', 'other'];
const LEG_FAULTS = [
  'bad-content-type',
  'frame-before-text',
  'no-sign-of-life',
  'not-json',
  'wrong-frame-size',
  'other',
];

/** Counters of what the log tells. Each line counts once, also one that stands for many (`times`). */
export class EventCounters {
  readonly #lines: Counter<'level'>;
  readonly #calls: Counter<'outcome'>;
  readonly #requests: Counter<'op' | 'status'>;
  readonly #legEnds: Counter<'end'>;
  readonly #legFaults: Counter<'code'>;
  readonly #legsRefused: Counter;
  readonly #stalls: Counter;
  readonly #replacements: Counter<'outcome'>;
  readonly #orphans: Counter;
  readonly #webhooks: Counter<'event' | 'verdict'>;
  readonly #pins: Counter<'verdict'>;

  constructor(registry: Registry) {
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers: [registry] });
    this.#lines = counter(
      'conf_log_lines_total',
      'Lines of the log, by level; debug lines are not counted.',
      'level',
    );
    this.#calls = counter(
      'conf_calls_total',
      'Calls asked of the platform: placed or refused. Refused ones are tried again.',
      'outcome',
    );
    this.#requests = counter(
      'conf_vonage_requests_total',
      'Operations at the platform by their result: what the log tells, so a hang-up that took several requests counts once, and one of a call that was over already does not.',
      'op',
      'status',
    );
    this.#legEnds = counter(
      'conf_leg_ends_total',
      'Legs that ended: in order, lost, or replaced by another.',
      'end',
    );
    this.#legFaults = counter(
      'conf_leg_faults_total',
      'Legs closed for what they sent, or did not send.',
      'code',
    );
    this.#legsRefused = counter('conf_legs_refused_total', 'Legs and publishers turned away at the door.');
    this.#stalls = counter(
      'conf_ingest_stalls_total',
      'Times that an audible leg, not put on hold, sent nothing for a second.',
    );
    this.#replacements = counter(
      'conf_leg_replacements_total',
      'Legs replaced before their limit: lined up by sound or by time; or a replacement failed, and is tried again.',
      'outcome',
    );
    this.#orphans = counter('conf_orphans_total', 'Calls of an earlier run that were found and hung up.');
    this.#webhooks = counter(
      'conf_webhooks_total',
      'Webhooks of the platform. Of `answer` only those refused: one that is taken leaves no line.',
      'event',
      'verdict',
    );
    this.#pins = counter(
      'conf_talker_pins_total',
      'PINs that talkers keyed in, and what became of them.',
      'verdict',
    );
    this.#begin();
  }

  /** Counts a line of the log. */
  note({ level, event, fields }: Happening): void {
    this.#lines.inc({ level });
    switch (event) {
      case 'call.placed':
        this.#calls.inc({ outcome: 'placed' });
        return this.#requests.inc({ op: 'place', status: 'ok' });
      case 'call.refused':
        this.#calls.inc({ outcome: 'refused' });
        return this.#requests.inc({ op: 'place', status: statusOf(fields) });
      case 'call.hung-up':
        return this.#requests.inc({ op: 'hang-up', status: 'ok' });
      case 'vonage.hang-up-failed':
        return this.#requests.inc({ op: 'hang-up', status: statusOf(fields) });
      case 'orphans.unknown':
        return this.#requests.inc({ op: 'list', status: statusOf(fields) });
      case 'orphan.found':
        return this.#orphans.inc();
      case 'leg.closed':
        return this.#legEnds.inc({ end: among(LEG_ENDS, fields['end']) });
      case 'leg.fault':
        return this.#legFaults.inc({ code: among(LEG_FAULTS, fields['code']) });
      case 'leg.refused':
      case 'publisher.refused':
        return this.#legsRefused.inc();
      case 'leg.stalled':
        return this.#stalls.inc();
      case 'leg.replaced':
        return this.#replacements.inc({ outcome: among(REPLACEMENTS, fields['by']) });
      case 'leg.replacement-failed':
        return this.#replacements.inc({ outcome: 'failed' });
      case 'vonage.event':
        return this.#webhooks.inc({ event: 'event', verdict: 'taken' });
      case 'vonage.webhook-refused':
        return this.#webhooks.inc({ event: among(WEBHOOKS, fields['webhook']), verdict: 'refused' });
      case 'talker.pin':
        this.#webhooks.inc({ event: 'pin', verdict: 'taken' });
        return this.#pins.inc({ verdict: among(PIN_VERDICTS, fields['verdict']) });
    }
  }

  /** Every series is there from the start: what begins with its first event has no increase to see. */
  #begin(): void {
    for (const level of LEVELS) this.#lines.inc({ level }, 0);
    for (const outcome of CALL_OUTCOMES) this.#calls.inc({ outcome }, 0);
    for (const op of OPERATIONS) for (const status of STATUSES) this.#requests.inc({ op, status }, 0);
    for (const end of LEG_ENDS) this.#legEnds.inc({ end }, 0);
    for (const code of LEG_FAULTS) this.#legFaults.inc({ code }, 0);
    for (const outcome of REPLACEMENTS) this.#replacements.inc({ outcome }, 0);
    for (const event of WEBHOOKS)
      for (const verdict of ['taken', 'refused']) this.#webhooks.inc({ event, verdict }, 0);
    for (const verdict of PIN_VERDICTS) this.#pins.inc({ verdict }, 0);
  }
}

function among(known: readonly string[], value: LogFields[string]): string {
  return typeof value === 'string' && known.includes(value) ? value : 'other';
}

/** The code of a failed request, as `http-429` or `no-answer`, without what would make a series of each status. */
function statusOf({ code }: LogFields): string {
  const status = String(code).replace(/^http-/, '');
  return among(STATUSES, /^5\d\d$/.test(status) ? '5xx' : status);
}
