/** The code of why a request or a connection failed: `ENOTFOUND`, `CERT_HAS_EXPIRED`, `timeout`. Never its message. */
export function networkFault(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'timeout';
  // fetch hides the socket's error behind its own; one of several addresses' stands for all.
  const { cause } = error;
  if (cause instanceof AggregateError) return networkFault(cause.errors[0]);
  if (cause instanceof Error) return networkFault(cause);
  if (error instanceof AggregateError) return networkFault(error.errors[0]);
  if ('code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{2,60}$/.test(error.code))
    return error.code;
  const [, status] = /^Unexpected server response: (\d{3})$/.exec(error.message) ?? [];
  return status === undefined ? 'unknown' : `http-${status}`;
}

const CERTIFICATES = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed, which browsers and the platform refuse'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority that nobody else knows'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet; or this machine’s clock is wrong'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate comes without those between it and its authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate comes without those between it and its authority'],
]);

/** What such a code means and what to do about it, for whoever runs the relay. */
export function networkAdvice(code: string): { why: string; fix: string } {
  const certificate = CERTIFICATES.get(code);
  if (certificate !== undefined) {
    return { why: certificate, fix: 'get one from Let’s Encrypt for this name, with its whole chain' };
  }
  switch (code) {
    case 'ENOTFOUND':
      return { why: 'its name is not known (DNS)', fix: 'write it correctly, or add a DNS record for it' };
    case 'EAI_AGAIN':
      return { why: 'no name server answers (DNS)', fix: 'mend this machine’s DNS (/etc/resolv.conf)' };
    case 'ECONNREFUSED':
      return {
        why: 'nobody listens there',
        fix: 'start what should, such as the TLS proxy; or write another',
      };
    case 'timeout':
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { why: 'no answer within 5 s', fix: 'open the firewall on the way there' };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return { why: 'it speaks no TLS there', fix: 'put a TLS proxy on that port' };
    default:
      return { why: `it cannot be reached (${code})`, fix: 'look at the way there: name, port, firewall' };
  }
}
