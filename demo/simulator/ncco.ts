import * as v from 'valibot';

const Urls = v.array(v.string());
const Method = v.optional(v.picklist(['GET', 'POST']), 'POST');

const Talk = v.object({
  action: v.literal('talk'),
  text: v.pipe(v.string(), v.maxLength(1500)),
  bargeIn: v.optional(v.boolean(), false),
});

const Conversation = v.object({
  action: v.literal('conversation'),
  name: v.pipe(v.string(), v.nonEmpty()),
  startOnEnter: v.optional(v.boolean(), true),
  endOnExit: v.optional(v.boolean(), false),
  mute: v.optional(v.boolean(), false),
  canHear: v.optional(v.array(v.string())),
  canSpeak: v.optional(v.array(v.string())),
  musicOnHoldUrl: v.optional(Urls, []),
});

const Input = v.object({
  action: v.literal('input'),
  type: v.pipe(v.array(v.picklist(['dtmf', 'speech'])), v.nonEmpty()),
  dtmf: v.optional(
    v.object({
      maxDigits: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20)), 4),
      timeOut: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(10)), 3),
      submitOnHash: v.optional(v.boolean(), false),
    }),
    {},
  ),
  eventUrl: v.optional(Urls, []),
  eventMethod: Method,
});

const Wait = v.object({
  action: v.literal('wait'),
  timeout: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(7200)), 10),
});

const Stream = v.object({ action: v.literal('stream'), streamUrl: v.pipe(Urls, v.nonEmpty()) });

const Actions = v.array(v.variant('action', [Talk, Conversation, Input, Wait, Stream]));

/** `talk`: a text spoken to the call. */
export type TalkAction = v.InferOutput<typeof Talk>;
/** `conversation`: joins the application's conference of that name. */
export type ConversationAction = v.InferOutput<typeof Conversation>;
/** `input`: collects digits and posts them to `eventUrl`; the reply is the next NCCO. */
export type InputAction = v.InferOutput<typeof Input>;
/** One step of an NCCO that the simulator can run. */
export type NccoAction = v.InferOutput<typeof Actions>[number];
/** A call's script: actions in order. */
export type Ncco = NccoAction[];

/** The reason the platform gives for an NCCO it cannot run (source: Vonage Voice API reference). */
export const NCCO_SYNTAX_ERROR = 'Syntax error in NCCO. Invalid value type or action.';

/** The NCCO with the documented defaults filled in, or `undefined` when an action or a value is not known. */
export function parseNcco(value: unknown): Ncco | undefined {
  const parsed = v.safeParse(Actions, value);
  return parsed.success ? parsed.output : undefined;
}

/** Name of the first conversation an NCCO joins. */
export function conversationIn(ncco: Ncco): string | undefined {
  for (const action of ncco) if (action.action === 'conversation') return action.name;
  return undefined;
}
