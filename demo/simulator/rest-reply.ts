/** An answer of the REST API. */
export interface RestReply {
  status: number;
  /** Sent as JSON; nothing is sent when undefined. */
  body: unknown;
  headers?: Record<string, string>;
}

/** An error body of the Voice API (modelled, not verified against the live service). */
export function refusal(status: number, parameters?: Record<string, string>): RestReply {
  const [type, title] = errorNames(status);
  return {
    status,
    body: { type, error_title: title, ...(parameters ? { invalid_parameters: parameters } : {}) },
    ...(status === 429 ? { headers: { 'retry-after': '1' } } : {}),
  };
}

function errorNames(status: number): [string, string] {
  switch (status) {
    case 400:
      return ['BAD_REQUEST', 'Bad Request'];
    case 401:
      return ['UNAUTHORIZED', 'Unauthorized'];
    case 404:
      return ['NOT_FOUND', 'Not Found'];
    case 413:
      return ['PAYLOAD_TOO_LARGE', 'Payload Too Large'];
    case 429:
      return ['THROTTLED', 'Too Many Requests'];
    default:
      return ['INTERNAL_ERROR', 'Internal Server Error'];
  }
}
