import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/**
 * Runs test files in WebKitGTK's MiniBrowser through WebKitWebDriver (W3C WebDriver), one at a time, on a display of
 * its own. The product's tests only; nothing of the product uses it.
 */
export function webkitLauncher() {
  const children = [];
  let origin = '';
  /** Test session to WebDriver session. */
  const sessions = new Map();

  async function call(method, path, body) {
    const response = await fetch(origin + path, {
      method,
      signal: AbortSignal.timeout(60_000),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebKitWebDriver: ${value?.error}: ${value?.message}`);
    return value;
  }

  return {
    name: 'WebKitGTK',
    type: 'webkit',
    concurrency: 1,
    async initialize() {
      const display = `:${90 + (process.pid % 100)}`;
      const port = await freePort();
      origin = `http://127.0.0.1:${port}`;
      const env = { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
      children.push(spawn('Xvfb', [display, '-screen', '0', '1024x768x24'], { stdio: 'ignore' }));
      children.push(spawn('WebKitWebDriver', [`--port=${port}`], { env, stdio: 'ignore' }));
      for (let tries = 0; ; tries++) {
        const ready = await fetch(`${origin}/status`).catch(() => undefined);
        if (ready?.ok) return;
        if (tries > 300) throw new Error('WebKitWebDriver did not answer within 30 s');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async stop() {
      for (const child of children.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill();
        await once(child, 'exit');
      }
    },
    async startSession(id, url) {
      const { sessionId } = await call('POST', '/session', {
        capabilities: {
          alwaysMatch: {
            browserName: 'MiniBrowser',
            'webkitgtk:browserOptions': {
              binary: MINI_BROWSER,
              args: ['--automation', '--autoplay-policy=allow'],
            },
          },
        },
      });
      sessions.set(id, { sessionId, url });
      await call('POST', `/session/${sessionId}/url`, { url });
    },
    isActive: (id) => sessions.has(id),
    getBrowserUrl: (id) => sessions.get(id)?.url,
    async stopSession(id) {
      const session = sessions.get(id);
      sessions.delete(id);
      if (session) await call('DELETE', `/session/${session.sessionId}`).catch(() => {});
      return {};
    },
    startDebugSession() {
      throw new Error('WebKitGTK has no debug sessions here');
    },
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
