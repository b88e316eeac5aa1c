import { once } from 'node:events';
import { request } from 'node:http';
import { CONSOLE_KEY } from './console-stage.ts';

/** What an admin listener answered. */
export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** How it is asked. Default: GET with the key, as a program does. */
export interface Asking {
  method?: string;
  /** '': none. */
  key?: string;
  headers?: object;
  body?: string;
}

/** Asks as a program does, with this very path and these headers. */
export async function askAdmin(
  { port }: { port: number },
  path: string,
  { method = 'GET', key = CONSOLE_KEY, headers = {}, body }: Asking = {},
): Promise<Answer> {
  // A header's characters are bytes, as a shell's UTF-8 arrives.
  const authorization = { Authorization: Buffer.from(`Bearer ${key}`).toString('latin1') };
  const asked = request({
    port,
    path,
    method,
    agent: false,
    headers: { ...(key && authorization), ...headers },
  });
  const answered = once(asked, 'response');
  // A string would be sent with the headers, and they as UTF-8 too.
  asked.end(body === undefined ? undefined : Buffer.from(body));
  const [response] = await answered;
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode, headers: response.headers, text };
}

/** The code of a problem. */
export function codeOf({ text }: Answer): unknown {
  return JSON.parse(text).code;
}
