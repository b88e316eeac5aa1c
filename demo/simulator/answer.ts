import type { Call } from './call.ts';
import type { CallScript } from './call-request.ts';
import type { CallStage } from './call-stage.ts';
import { nccoOf } from './call-stage.ts';
import { NCCO_SYNTAX_ERROR, parseNcco } from './ncco.ts';
import type { Ncco } from './ncco.ts';
import type { Platform } from './platform.ts';

type AnswerUrl = Extract<CallScript, { kind: 'answer-url' }>;

/**
 * Gets the NCCO of an answered call and starts it. A wrong or missing one is reported as an error event and ends the
 * call. An inline NCCO starts before this returns; one from a URL when it has come, if the call still lives.
 */
export function performScript(platform: Platform, call: Call, stage: CallStage, script: CallScript): void {
  if (script.kind === 'ncco') return performGiven(stage, parseNcco(script.ncco), NCCO_SYNTAX_ERROR);
  void performFetched(platform, call, stage, script);
}

async function performFetched(
  platform: Platform,
  call: Call,
  stage: CallStage,
  script: AnswerUrl,
): Promise<void> {
  const { ncco, reason } = await fetchNcco(platform, call, script);
  if (!call.isOver) performGiven(stage, ncco, reason);
}

function performGiven(stage: CallStage, ncco: Ncco | undefined, reason: string): void {
  if (ncco) stage.perform(ncco);
  else stage.refuse(reason);
}

async function fetchNcco(
  platform: Platform,
  call: Call,
  script: AnswerUrl,
): Promise<{ ncco: Ncco | undefined; reason: string }> {
  const { from, to } = call.plan;
  const { url, method } = script;
  const fields = { to, from, conversation_uuid: call.conversationUuid, uuid: call.uuid };
  const reply = await platform.webhooks.send({ uuid: call.uuid, url, method, fields });
  if (reply?.status !== 200) return { ncco: undefined, reason: `No NCCO: ${reply?.status ?? 'no answer'}` };
  // Any other type is a failure that is not retried (source: Vonage Voice API reference).
  if (!reply.contentType.startsWith('application/json')) {
    return { ncco: undefined, reason: `No NCCO: content type ${reply.contentType}` };
  }
  return { ncco: nccoOf(reply.body), reason: NCCO_SYNTAX_ERROR };
}
