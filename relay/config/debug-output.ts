import type { ConfigFault } from './setting-sources.ts';

/** The names under which the Vonage SDK prints private keys, tokens and numbers. */
export const VONAGE_NAMESPACES = [
  '@vonage/voice',
  'vonage:auth',
  'vonage:file-client',
  'vonage:jwt:tokenGenerate',
  'vonage:jwt:verifySignature',
  'vonage:messages',
  'vonage:messages:messenger',
  'vonage:messages:mms',
  'vonage:messages:sms',
  'vonage:messages:viber',
  'vonage:messages:whatsapp',
  'vonage:server-client',
];

/**
 * Parts of Node that print `Authorization` headers (`http`, `https`, `net`) or the beginnings of bodies (`stream`).
 * `tls` prints neither; `undici` and `fetch` print addresses, which hold no secret here.
 */
const NODE_SECTIONS = ['http', 'https', 'net', 'stream'];

/** Faults of variables that make libraries print secrets. `dials`: the Vonage SDK is in use. */
export function debugFaults(
  env: Readonly<Record<string, string | undefined>>,
  dials: boolean,
): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (dials && namesVonage(env['DEBUG'] ?? '')) {
    faults.push({ name: 'DEBUG', detail: 'makes the Vonage SDK print the private key; unset it' });
  }
  const sections = (env['NODE_DEBUG'] ?? '').toLowerCase().split(/[\s,]+/);
  if (NODE_SECTIONS.some((section) => sections.some((pattern) => matches(section, pattern)))) {
    faults.push({
      name: 'NODE_DEBUG',
      detail: `makes Node print tickets or what people key in; leave out ${NODE_SECTIONS.join(', ')} and *`,
    });
  }
  return faults;
}

/** As the `debug` package reads its list: names with `*`, those after a `-` taken out again. */
function namesVonage(list: string): boolean {
  const names = list.split(/[\s,]+/).filter((name) => name !== '');
  const excluded = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const included = names.filter((name) => !name.startsWith('-'));
  return VONAGE_NAMESPACES.some(
    (namespace) =>
      included.some((pattern) => matches(namespace, pattern)) &&
      !excluded.some((pattern) => matches(namespace, pattern)),
  );
}

function matches(name: string, pattern: string): boolean {
  const source = pattern.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`).replace(/\*+/g, '.*');
  return new RegExp(`^${source}$`).test(name);
}
