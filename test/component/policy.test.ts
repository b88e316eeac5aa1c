import { expect } from 'chai';
import { until } from '../support/until.ts';
import { relayUrl, StrictPage, strictPolicy } from '../support/strict-page.ts';

const NONCE = 'fk3Ue9';
const SOON_MS = 20_000;

/** A page's policy, what else it says, and what stands on its script tags. */
interface Setting {
  policy?: string;
  headers?: Readonly<Record<string, string>>;
  attributes?: string;
  before?: string;
}

describe('built, on a page of another origin', function () {
  this.timeout(120_000);
  let relay: string;
  let integrity: Readonly<Record<string, string>>;
  let session: string;
  let page: StrictPage;

  before(async () => {
    relay = await relayUrl();
    integrity = await (await fetch('/dist/component/integrity.json')).json();
    session = Object.keys(integrity).find((name) => name.startsWith('conf-session-')) ?? '';
  });
  afterEach(() => page.close());

  /** Opens a page with the player's script under a path of the relay. */
  async function open(path: string, { policy, headers, attributes = '', before = '' }: Setting = {}) {
    const nonce = attributes.includes('nonce') ? `nonce="${NONCE}"` : '';
    const type = path.includes('iife') ? '' : 'type="module"';
    page = await StrictPage.open(
      `<script src="${relay}/detour/report.js" ${nonce}></script>${before}
<script ${type} src="${relay}${path}" ${attributes}></script>
<conf-listener room="allhands"></conf-listener>`,
      { 'Content-Security-Policy': policy ?? strictPolicy(relay), ...headers },
    );
  }

  /** Listens; the state it comes to first of these two. */
  async function listen(): Promise<string | undefined> {
    const from = page.states.length;
    page.call('play');
    const outcome = () => page.states.slice(from).find((state) => state === 'live' || state === 'error');
    await until('it is live or gives up', () => outcome() !== undefined, SOON_MS);
    return outcome();
  }

  /** Under which names a page of the detour has asked for the second script. */
  async function addressesOf(who: string): Promise<string[]> {
    const addresses = await (await fetch(`${relay}/detour/addresses`)).json();
    return addresses[who];
  }

  /** What it has complained of. */
  const errors = () => page.all('conf-error').map((detail) => Object(detail));

  const ways = [
    ['a module', '/v1/conf-listener.js'],
    ['a classic script', '/v1/conf-listener.iife.js'],
  ] as const;

  for (const [what, path] of ways) {
    it(`${what} goes from idle over live, captions and an error to Stop with 0 violations of the policy of README`, async () => {
      await open(path);
      expect(await listen()).to.equal('live');
      await until('there are captions', () => page.all('conf-caption').length > 0, SOON_MS);
      page.set('room', 'nobody-knows-it');
      await page.reaches('error');
      expect(errors().map(({ code }) => code)).to.deep.equal(['no-room']);
      page.set('room', 'allhands');
      expect(await listen()).to.equal('live');
      page.call('stop');
      await page.reaches('idle');
      expect([page.all('violation'), page.all('console')]).to.deep.equal([[], []]);
    });

    for (const [setting, more] of [
      [
        'where Trusted Types are required',
        (policy: string) => ({
          policy: `${policy}; require-trusted-types-for 'script'; trusted-types lit-html`,
        }),
      ],
      [
        'that isolates itself (COEP, COOP)',
        () => ({
          headers: {
            'Cross-Origin-Embedder-Policy': 'require-corp',
            'Cross-Origin-Opener-Policy': 'same-origin',
          },
        }),
      ],
      ['under sandbox="allow-scripts"', (policy: string) => ({ policy: `${policy}; sandbox allow-scripts` })],
      [
        'whose script-src is one nonce: what a script imports has its nonce',
        () => ({ policy: strictPolicy(relay, `'nonce-${NONCE}'`), attributes: `nonce="${NONCE}"` }),
      ],
      [
        'whose script-src is one nonce and strict-dynamic',
        () => ({
          policy: strictPolicy(relay, `'nonce-${NONCE}' 'strict-dynamic'`),
          attributes: `nonce="${NONCE}"`,
        }),
      ],
    ] as const) {
      it(`${what} plays with 0 violations on a page ${setting}`, async () => {
        await open(path, more(strictPolicy(relay)));
        expect(await listen()).to.equal('live');
        expect([page.all('violation'), page.all('console')]).to.deep.equal([[], []]);
      });
    }

    for (const [by, sources] of [
      ['address', () => `${relay}${path}`],
      ['hash', () => `'${integrity[path.slice('/v1/'.length)]}'`],
    ] as const) {
      it(`${what} that the policy lets in by its ${by} alone says in the console that the relay is missing in script-src`, async () => {
        const policy = strictPolicy(relay, `${relay}/detour/report.js ${sources()}`);
        const hash = integrity[path.slice('/v1/'.length)] ?? '';
        await open(path, { policy, attributes: `integrity="${hash}" crossorigin` });
        expect(await listen()).to.equal('error');
        const [error] = errors();
        expect(error).to.include({ kind: 'network', code: 'script', docs: `${relay}/help/script` });
        expect(error.message).to.match(new RegExp(`CSP: script-src ${relay}$`));
        expect(page.all('console')).to.deep.equal([`<conf-listener>: ${error.message} ${relay}/help/script`]);
      });
    }

    for (const way of ['lost', 'refused']) {
      it(`${what} whose second script is ${way} once plays all the same, at the latest when Listen is pressed again`, async () => {
        await open(`/detour/${way}/${crypto.randomUUID()}/${path.slice('/v1/'.length)}`);
        if ((await listen()) === 'live') return;
        expect(errors().map(({ code }) => code)).to.deep.equal(['script']);
        expect(await listen()).to.equal('live');
      });
    }

    it(`${what} whose second script never comes asks for it anew at each Listen`, async () => {
      const who = crypto.randomUUID();
      await open(`/detour/never/${who}/${path.slice('/v1/'.length)}`);
      for (let presses = 1; presses <= 3; presses++) {
        expect(await listen()).to.equal('error');
        expect((await addressesOf(who)).length).to.be.at.least(presses);
      }
    });

    it(`${what} of a page that says what scripts must be never asks for the second one at another address`, async () => {
      const who = crypto.randomUUID();
      const name = path.slice('/v1/'.length);
      await open(`/detour/never/${who}/${name}`, {
        attributes: `integrity="${integrity[name]}" crossorigin`,
      });
      expect(await listen()).to.equal('error');
      expect(await addressesOf(who)).to.deep.equal([session]);
    });

    it(`${what} whose second script is late: Stop before it comes opens nothing, and another Listen plays`, async () => {
      await open(`/detour/late/${crypto.randomUUID()}/${path.slice('/v1/'.length)}`);
      page.call('play');
      page.call('stop');
      await page.reaches('idle');
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(page.states).to.deep.equal(['connecting', 'idle']);
      expect(await listen()).to.equal('live');
    });
  }

  it('a relay of which connect-src says nothing is named in the console, with the line to add', async () => {
    await open('/v1/conf-listener.js', {
      policy: `default-src 'none'; script-src ${relay}; style-src 'self'`,
    });
    expect(await listen()).to.equal('error');
    const line = `connect-src ${relay} ${relay.replace('http', 'ws')}`;
    const [error] = errors();
    expect(error).to.include({ kind: 'config', code: 'csp', docs: `${relay}/help/csp` });
    expect(error.message).to.include(line);
    expect(page.all('console')).to.deep.equal([`<conf-listener>: ${error.message} ${relay}/help/csp`]);
  });

  it('with one of the two entries in connect-src it plays by the way that is left', async () => {
    const policy = `default-src 'none'; script-src ${relay}; connect-src ${relay}`;
    await open('/v1/conf-listener.js', { policy });
    expect(await listen()).to.equal('live');
    expect(page.all('violation')).to.deep.equal([
      `connect-src ${relay.replace('http', 'ws')}/v1/rooms/allhands/listen`,
    ]);
  });

  it('a second script that is not what an import map says is not run', async () => {
    const wrong = integrity['conf-listener.js'];
    const map = JSON.stringify({ integrity: { [`${relay}/v1/${session}`]: wrong } });
    const policy = strictPolicy(relay, `${relay} 'nonce-${NONCE}'`);
    await open('/v1/conf-listener.js', {
      policy,
      before: `<script type="importmap" nonce="${NONCE}">${map}</script>`,
    });
    expect(await listen()).to.equal('error');
    expect(errors()[0]).to.include({ code: 'script' });
  });

  it('a second script that is what an import map says plays', async () => {
    const map = JSON.stringify({ integrity: { [`${relay}/v1/${session}`]: integrity[session] } });
    const policy = strictPolicy(relay, `${relay} 'nonce-${NONCE}'`);
    await open('/v1/conf-listener.js', {
      policy,
      before: `<script type="importmap" nonce="${NONCE}">${map}</script>`,
    });
    expect(await listen()).to.equal('live');
  });
});
