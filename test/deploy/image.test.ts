import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../demo/free-port.ts';
import { buildImage, ignoredBy, stepsOf, type Image } from '../support/image-build.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCKERFILE = 'relay/deploy/Dockerfile';
const COMPOSE = join(ROOT, 'relay/deploy/compose.yaml');
/** The image's own user, where this is run by root, who may take it. */
const OTHER_USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

const works = (...command: string[]): boolean => spawnSync(command[0] ?? '', command.slice(1)).status === 0;
const hasDaemon = works('docker', 'info') && works('docker', 'buildx', 'version');
const compose = [['docker', 'compose'], ['docker-compose']].find(([name = '', ...args]) =>
  /(?:^|v)[2-9]\./m.test(spawnSync(name, [...args, 'version', '--short'], { encoding: 'utf8' }).stdout ?? ''),
);
if (!hasDaemon)
  console.log('no Docker daemon with buildx is here: docker itself does not check the Dockerfile');
if (!compose) console.log('Docker Compose 2 is not here: it does not read compose.yaml itself');

const steps = stepsOf(readFileSync(join(ROOT, DOCKERFILE), 'utf8'));
const restOf = (word: string): string[] => steps.filter((step) => step.word === word).map(({ rest }) => rest);

describe('the steps of the Dockerfile, in order', () => {
  let image: Image;

  beforeAll(async () => {
    image = await buildImage(DOCKERFILE);
  }, 600_000);
  afterAll(() => image?.remove());

  test('nothing that only developers need is left: neither packages nor sources', () => {
    const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
      readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
    );
    const modules = image.path('/opt/conf-relay/node_modules');
    const names = readdirSync(modules).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
    );
    const packages = names.filter((name) => !name.startsWith('.'));
    expect(packages).toContain('koa');
    expect(packages.filter((name) => lock.packages[`node_modules/${name}`]?.dev !== undefined)).toEqual([]);
    expect(readdirSync(image.path('/opt/conf-relay')).toSorted()).toEqual([
      'dist',
      'node_modules',
      'package.json',
    ]);
    expect(readdirSync(image.path('/opt/conf-relay/dist')).toSorted()).toEqual([
      'component',
      'pages',
      'relay',
      'wire',
    ]);
  });

  test('it serves as a user who owns nothing but the history; its health check agrees; SIGTERM ends it with 0', async () => {
    const port = await freePort();
    mkdirSync(image.workdir, { recursive: true });
    writeFileSync(
      join(image.workdir, 'conf-relay.json'),
      JSON.stringify({ rooms: [{ id: 'allhands', source: 'l16' }] }),
    );
    const env = { PATH: process.env['PATH'], HOME: '/nowhere', ...image.env, CONF_PORT: String(port) };
    const dataDir = image.env['CONF_DATA_DIR'] ?? '';
    if (OTHER_USER.uid !== undefined) chownSync(dataDir, OTHER_USER.uid, OTHER_USER.gid);
    const start = ([command = '', ...args]: readonly string[]) =>
      spawn(command, args, { cwd: image.workdir, env, ...OTHER_USER });
    const healthCode = async (): Promise<unknown> => (await once(start(image.healthcheck), 'exit'))[0];

    const relay = start(image.command);
    let said = '';
    relay.stdout.on('data', (text: Buffer) => (said += text.toString()));
    relay.stderr.on('data', (text: Buffer) => (said += text.toString()));
    try {
      await until('it listens', () => said.includes('relay.listening') || relay.exitCode !== null);
      const health = await fetch(`http://127.0.0.1:${port}/healthz`);
      expect([health.status, relay.exitCode]).toEqual([200, null]);
      expect(await healthCode()).toBe(0);
      const script = await fetch(`http://127.0.0.1:${port}/v1/conf-listener.js`);
      expect(script.status).toBe(200);
      await until('the history is there', () => existsSync(join(dataDir, 'history.db')));
    } finally {
      if (relay.exitCode === null) {
        relay.kill('SIGTERM');
        await once(relay, 'exit');
      }
    }
    expect([relay.exitCode, said]).toEqual([0, expect.not.stringMatching(/"level":[56]0/)]);
    expect(await healthCode()).toBe(1);
  }, 60_000);
});

test('the image is of whole versions, has a user of its own, and ends by SIGTERM', () => {
  const lock: { engines: { node: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(lock.engines.node).toBe('>=20.19');
  for (const from of restOf('FROM'))
    expect(from).toMatch(/^node:20\.(19|[2-9]\d)\.\d+-bookworm-slim( AS \w+)?$/);
  expect(restOf('USER')).toEqual(['1000:1000']);
  expect(restOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  expect(
    restOf('RUN').filter((command) => /npm (ci|prune)/.test(command) && !/--ignore-scripts/.test(command)),
  ).toEqual([]);
});

test.each([
  '.env',
  'conf-relay.json',
  'private.key',
  'signature.secret',
  'conf-relay-data/history.db',
  '.git/config',
])('%s stays out of the image', (path) => {
  const ignored = ignoredBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  expect([path, 'relay/cli.ts', 'relay/conf-relay.example.json'].map(ignored)).toEqual([true, false, false]);
});

test('what compose starts may write nothing but its volumes, has no privileges but Caddy’s ports, and bounded logs', () => {
  const { services, volumes } = parse(readFileSync(COMPOSE, 'utf8'), { merge: true });
  for (const [name, service] of Object.entries<Record<string, unknown>>(services)) {
    expect([name, service]).toEqual([
      name,
      expect.objectContaining({
        read_only: true,
        cap_drop: ['ALL'],
        network_mode: 'host',
        logging: { driver: 'json-file', options: { 'max-size': '50m', 'max-file': '5' } },
      }),
    ]);
    expect(service).not.toHaveProperty('environment');
    expect(service).not.toHaveProperty('privileged');
  }
  expect(services.relay.cap_add).toBeUndefined();
  expect(services.caddy.cap_add).toEqual(['NET_BIND_SERVICE']);
  expect(services.caddy.image).toMatch(/^caddy:\d+\.\d+\.\d+$/);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(services.relay.image).toBe(`conf-relay:${version}`);
  const used = Object.values<{ volumes: { type: string; source: string; target: string }[] }>(
    services,
  ).flatMap((service) => service.volumes);
  expect(used.filter(({ type }) => type === 'volume').map(({ source }) => source)).toEqual(
    Object.keys(volumes),
  );
  expect(used.map(({ target }) => target)).toContain(restOf('VOLUME')[0]);
  expect(used.map(({ target }) => target)).toContain(restOf('WORKDIR').at(-1));
});

test.skipIf(!compose)('Docker Compose finds compose.yaml right', () => {
  const [name = '', ...args] = compose ?? [];
  const { status, stderr } = spawnSync(name, [...args, '-f', COMPOSE, 'config', '--quiet'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});

test.skipIf(!hasDaemon)(
  'docker finds the Dockerfile right',
  () => {
    const args = ['buildx', 'build', '--check', '-f', DOCKERFILE, '.'];
    const { status, stdout, stderr } = spawnSync('docker', args, { cwd: ROOT, encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, expect.not.stringContaining('WARNING')]);
  },
  120_000,
);
