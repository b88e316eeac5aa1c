/** What a browser tells a page whose policy has kept it from an address. */
export function violation(blockedURI: string): Event {
  return new SecurityPolicyViolationEvent('securitypolicyviolation', {
    blockedURI,
    effectiveDirective: 'connect-src',
    documentURI: location.href,
    originalPolicy: '',
    violatedDirective: 'connect-src',
    disposition: 'enforce',
    statusCode: 200,
    bubbles: true,
  });
}
