/** The statuses of the platform's event webhooks (source: Vonage Voice API reference). */
export type CallStatus =
  | 'started'
  | 'ringing'
  | 'answered'
  | 'busy'
  | 'cancelled'
  | 'timeout'
  | 'unanswered'
  | 'rejected'
  | 'failed'
  | 'disconnected'
  | 'completed';

/** One status a call went through. */
export interface StatusEntry {
  status: CallStatus;
  /** Unix milliseconds. */
  atMs: number;
}
