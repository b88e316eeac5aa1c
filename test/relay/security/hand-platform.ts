import { createServer, type Server } from 'node:http';
import { createAccount } from '../../../demo/account.ts';
import { until } from '../../support/until.ts';
import { House, Mouth } from '../house.ts';
import { ACCOUNT, signed } from '../ingest/signed.ts';

/** A call that the relay has asked for. */
interface Call {
  legId: string;
  /** Where its leg is to arrive. */
  path: string;
}

/** A phone platform that takes every call and every hang-up, and leaves the legs to the test. */
export class HandPlatform {
  readonly calls: Call[] = [];
  /** Names of calls that were hung up. */
  readonly hungUp: string[] = [];
  /** The calls that are listed as alive, as the API writes them. */
  live: () => Promise<object[]> = () => Promise.resolve([]);
  readonly #server: Server;
  readonly #privateKey = createAccount().privateKey;

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', async () => {
        const { method = '', url = '' } = request;
        const answer = await this.#answer(method, url, text);
        response.writeHead(answer ? 201 : 204, { 'Content-Type': 'application/json' });
        response.end(answer && JSON.stringify(answer));
      });
    });
  }

  static async open(): Promise<HandPlatform> {
    const platform = new HandPlatform();
    await new Promise<void>((resolve) => platform.#server.listen(0, '127.0.0.1', resolve));
    return platform;
  }

  /** Settings of a relay that dials here. */
  get settings(): object {
    const address = this.#server.address();
    const apiHost = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const vonage = { ...ACCOUNT, privateKey: this.#privateKey, from: '442079460000', apiHost };
    return { publicUrl: 'https://relay.example', vonage };
  }

  /** The call number `n` from 0, once it was asked for. */
  async call(n: number): Promise<Call> {
    await until(`call ${n} is placed`, () => this.calls.length > n);
    const call = this.calls[n];
    if (!call) throw new Error('calls are never taken back');
    return call;
  }

  /** Dials a path of the relay as the platform does a leg's; resolves once the socket is open or refused. */
  async dial(house: House, path: string, { iat = Date.now() / 1000, secret = ACCOUNT.signatureSecret } = {}) {
    const token = signed({ iat, secret }).replace('Bearer ', '');
    const mouth = new Mouth(house.url.replace('http', 'ws') + path, token);
    await until(
      'the leg is in or refused',
      () => mouth.refusedWith !== undefined || mouth.socket.readyState > 0,
    );
    return mouth;
  }

  /** Tells the relay of a call, signed. */
  async tell(house: House, { legId }: Call, status: string): Promise<void> {
    const body = JSON.stringify({ uuid: legId, status });
    const headers = { Authorization: signed({ iat: Date.now() / 1000, body }) };
    await fetch(`${house.url}/vonage/event`, { method: 'POST', headers, body });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(method: string, url: string, body: string): Promise<object | undefined> {
    if (method === 'GET') return { _embedded: { calls: await this.live() } };
    if (method === 'PUT') {
      this.hungUp.push(url.split('/').at(-1) ?? '');
      return undefined;
    }
    const legId = `leg-${this.calls.length + 1}`;
    const path = /"uri":"wss:\/\/relay\.example([^"]+)"/.exec(body)?.[1];
    if (path === undefined) throw new Error(`this call goes elsewhere: ${body}`);
    this.calls.push({ legId, path });
    return { uuid: legId, status: 'started' };
  }
}
