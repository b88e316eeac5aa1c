// Serves the page beside it under a policy that lets in the player and nothing else.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { RELAY = 'http://127.0.0.1:8080', PORT = '3000' } = process.env;
const policy = [
  "default-src 'none'",
  `script-src ${RELAY}`,
  `connect-src ${RELAY} ${RELAY.replace('http', 'ws')}`,
  "style-src 'self'",
  "require-trusted-types-for 'script'; trusted-types lit-html",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const files = {
  '/': ['text/html', read('index.html').replaceAll('http://127.0.0.1:8080', RELAY)],
  '/page.css': ['text/css', read('page.css')],
};

createServer(({ url }, response) => {
  const [type, body] = files[url] ?? ['text/plain', ''];
  response.writeHead(files[url] ? 200 : 404, { 'Content-Type': type, 'Content-Security-Policy': policy });
  response.end(body);
}).listen(Number(PORT), '127.0.0.1', () => console.log(`Open http://127.0.0.1:${PORT}/`));
