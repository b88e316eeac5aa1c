import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sirv from 'sirv';
import { compile } from 'svelte/compiler';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileScript, parse } from 'vue/compiler-sfc';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { installPacked, type Project } from '../support/packed.ts';
import { PlayerPage } from '../support/player-page.ts';
import { snippetsOf } from '../support/snippets.ts';
import { until } from '../support/until.ts';

/** By the language of the readme's snippet: what shows it on a page and writes each caption into the page's text. */
const MAINS = {
  tsx: `import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { AllHands } from './snippet.tsx';
function Page() {
  const [words, onWords] = useState('');
  return createElement('div', {}, createElement(AllHands, { onWords }), createElement('p', {}, words));
}
createRoot(document.querySelector('#root')).render(createElement(Page));`,
  vue: `import { createApp, h, ref } from 'vue';
import Snippet from './snippet.vue';
const words = ref('');
const onWords = (text) => { words.value = text };
createApp(() => [h(Snippet, { onWords }), h('p', words.value)]).mount('#root');`,
  svelte: `import { mount } from 'svelte';
import Snippet from './snippet.svelte';
mount(Snippet, { target: document.querySelector('#root') });`,
};

/** Vue's bundle warns where its plugin has not set them. */
const VUE_FLAGS = {
  __VUE_OPTIONS_API__: 'false',
  __VUE_PROD_DEVTOOLS__: 'false',
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
};

/** The two compilers, as their plugins for Vite call them. */
const components: Plugin = {
  name: 'components',
  transform(code, id) {
    if (id.endsWith('.svelte')) return { code: compile(code, { filename: id }).js.code, moduleType: 'js' };
    if (!id.endsWith('.vue')) return undefined;
    const compilerOptions = { isCustomElement: (tag: string) => tag === 'conf-listener' };
    const { descriptor } = parse(code, { templateParseOptions: compilerOptions });
    return { code: compileScript(descriptor, { id, inlineTemplate: true }).content, moduleType: 'ts' };
  },
};

let demo: Demo;
let browser: Browser;
let project: Project;
let site: Server;
let siteUrl = '';

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium();
  project = await installPacked();
  project.use('react', 'react-dom', 'svelte', 'vue');
  const files = sirv(project.dir, { dev: true });
  site = createServer((request, response) => {
    // A browser asks for an icon by itself.
    files(request, response, () => void response.writeHead(204).end());
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  if (!address || typeof address === 'string') throw new Error('the site has no port');
  siteUrl = `http://127.0.0.1:${address.port}`;
}, 60_000);

afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  project?.remove();
  await demo?.close();
});

test.each(['tsx', 'vue', 'svelte'] as const)(
  'component/README.md: the snippet in %s plays as a card, and hands over the words of a caption',
  async (language) => {
    const [snippet = ''] = snippetsOf('component/README.md', language);
    const write = (name: string, text: string): void => writeFileSync(join(project.dir, name), text);
    write(`snippet.${language}`, snippet.replace('https://relay.example', demo.url));
    write(`${language}.js`, MAINS[language]);
    write(
      `${language}.html`,
      `<!doctype html><title>Page</title><div id="root"></div><script type="module" src="/${language}.js"></script>`,
    );
    await build({
      root: project.dir,
      configFile: false,
      logLevel: 'error',
      plugins: [components],
      define: VUE_FLAGS,
      build: {
        outDir: `built-${language}`,
        rolldownOptions: { input: join(project.dir, `${language}.html`) },
      },
      base: './',
    });
    const page = await PlayerPage.open(browser, `${siteUrl}/built-${language}/${language}.html`);
    await page.reach('idle');
    await page.listen();
    await page.reach('live', 15_000);
    expect(await page.page.locator('[part=bar]').getAttribute('class')).toContain('card');
    const words = page.page.locator('#root p:not(:empty)').last();
    await until(
      'a caption',
      async () => (await words.count()) > 0 && (await words.innerText()) !== '',
      30_000,
    );
    expect(page.complaints).toEqual([]);
    await page.close();
  },
  90_000,
);
