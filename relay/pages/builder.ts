import { adviceOn, choicesOf, hashOf, type Choices, type RoomAnswer } from './builder-choices.ts';
import { attributesOf, codeOf, colorsOf, type EmbedFile } from './builder-code.ts';

/** How long a button says what it has done. */
const SAID_MS = 2000;

const form = element('#choices', HTMLFormElement);
const player = element('conf-listener', HTMLElement);
const advice = element('#advice', HTMLElement);
const relayUrl = element('main', HTMLElement).dataset['relay'] ?? location.origin;

let files: ReadonlyMap<string, EmbedFile> | undefined;
/** The room that was typed to its end, and what the relay says of it. */
let room: Choices['room'];
let answer: RoomAnswer = { kind: 'unknown' };

form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', ({ target }) => {
  if (target === field('picker')) field('accent').value = field('picker').value;
  show();
});
form.addEventListener('change', () => void settle());
addEventListener('hashchange', () => {
  fill();
  void settle();
});
for (const figure of document.querySelectorAll<HTMLElement>('[data-code]')) {
  const button = figure.querySelector('button');
  button?.addEventListener('click', () => void copy(codeIn(figure), button));
}
for (const button of document.querySelectorAll<HTMLElement>('[data-way]')) {
  button.addEventListener('click', () => {
    choose('way', button.dataset['way'] ?? '');
    void settle();
    element('#code', HTMLElement).focus();
  });
}
fill();
void settle();
void readFiles();

/** Takes the choices from the address. */
function fill(): void {
  const choices = choicesOf(new URLSearchParams(location.hash.slice(1)));
  field('room').value = choices.room ?? '';
  field('accent').value = choices.accent ?? '';
  field('autoplay').checked = choices.autoplay;
  element('[name=lang]', HTMLSelectElement).value = choices.lang ?? '';
  for (const name of ['variant', 'theme', 'way'] as const) choose(name, choices[name]);
  for (const box of boxes()) box.checked = choices.controls.some((name) => name === box.value);
}

function chosen(): Choices {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields.append(name, value);
  return choicesOf(fields);
}

/**
 * A choice is made to its end: only now the room is asked about, for the relay counts wrong names, and the address is
 * changed, which browsers let a page do so often a minute.
 */
async function settle(): Promise<void> {
  const choices = chosen();
  history.replaceState(null, '', `#${hashOf(choices)}`);
  const { room: typed } = choices;
  if (typed !== room) {
    room = typed;
    answer = { kind: 'unknown' };
  }
  show();
  if (!typed || answer.kind !== 'unknown') return;
  const told = await answerOn(typed);
  if (typed !== room) return;
  answer = told;
  show();
}

function show(): void {
  const choices = chosen();
  const title = answer.kind === 'open' && choices.room === room ? answer.title : undefined;
  const code = new Map(Object.entries(codeOf(choices, { url: relayUrl, files, title })));
  for (const figure of document.querySelectorAll<HTMLElement>('[data-code]')) {
    const text = code.get(figure.dataset['code'] ?? '');
    figure.hidden = text === undefined;
    codeIn(figure).textContent = text ?? '';
  }
  advise(adviceOn(choices, relayUrl, choices.room === room ? answer : { kind: 'unknown' }));
  validate(choices);
  preview({ ...choices, room });
}

/** What stays as it is is not said again by a screen reader. */
function advise(texts: readonly string[]): void {
  if (advice.dataset['said'] === texts.join()) return;
  advice.dataset['said'] = texts.join();
  advice.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

/** The player as it will be, but for sound that starts by itself. */
function preview(choices: Choices): void {
  const attributes = new Map(attributesOf({ ...choices, autoplay: false }));
  for (const name of ['room', 'variant', 'theme', 'lang', 'controls']) {
    const value = attributes.get(name);
    if (value === undefined) player.removeAttribute(name);
    else if (player.getAttribute(name) !== value) player.setAttribute(name, String(value));
  }
  const colors = new Map(colorsOf(choices));
  for (const name of ['--conf-listener-accent', '--conf-listener-on-accent']) {
    player.style.setProperty(name, colors.get(name) ?? '');
  }
  if (choices.lang && choices.lang !== 'en') loadLanguage(choices.lang);
}

function loadLanguage(lang: string): void {
  const src = `/v1/lang/${lang}.js`;
  if (document.querySelector(`script[src="${src}"]`)) return;
  const script = document.createElement('script');
  script.type = 'module';
  script.src = src;
  document.head.append(script);
}

/** Says beside a field that what it holds is not used. */
function validate(choices: Choices): void {
  for (const name of ['room', 'accent'] as const) {
    const isWrong = field(name).value.trim() !== '' && choices[name] === undefined;
    field(name).setAttribute('aria-invalid', String(isWrong));
  }
  if (choices.accent) field('picker').value = choices.accent;
}

/** Asks what everybody may know of a room. */
async function answerOn(asked: string): Promise<RoomAnswer> {
  const response = await fetch(`/v1/rooms/${asked}`).catch(() => undefined);
  switch (response?.status) {
    case 200: {
      const { title } = Object(await response.json());
      return { kind: 'open', title: String(title) };
    }
    case 401:
      return { kind: 'private' };
    case 403:
      return { kind: 'origins' };
    case 404:
      return { kind: 'missing' };
    default:
      return { kind: 'unknown' };
  }
}

/** Without them the code with a pinned version is not offered. */
async function readFiles(): Promise<void> {
  const response = await fetch('/embed.json').catch(() => undefined);
  if (!response?.ok) return;
  const told: unknown = Object(await response.json()).files;
  files = new Map(
    Object.entries(Object(told)).flatMap(([name, file]) => {
      const { url, integrity } = Object(file);
      if (typeof url !== 'string' || typeof integrity !== 'string') return [];
      return [[name, { url: new URL(url, relayUrl).href, integrity }]];
    }),
  );
  show();
}

/** Works on plain http too, where there is no navigator.clipboard: the code is selected, for the keyboard to copy. */
async function copy(code: HTMLElement, button: HTMLElement): Promise<void> {
  const isCopied =
    isSecureContext &&
    (await navigator.clipboard.writeText(code.textContent).then(
      () => true,
      () => false,
    ));
  if (!isCopied) getSelection()?.selectAllChildren(code);
  const said = isCopied ? 'Copied' : 'Selected: press Ctrl-C';
  button.textContent = said;
  element('#said', HTMLElement).textContent = said;
  setTimeout(() => {
    button.textContent = 'Copy';
    element('#said', HTMLElement).textContent = '';
  }, SAID_MS);
}

function choose(name: string, value: string): void {
  for (const radio of form.querySelectorAll<HTMLInputElement>(`[name=${name}]`)) {
    radio.checked = radio.value === value;
  }
}

function boxes(): NodeListOf<HTMLInputElement> {
  return form.querySelectorAll('[type=checkbox][name=controls]');
}

function field(name: 'room' | 'accent' | 'picker' | 'autoplay'): HTMLInputElement {
  return element(`#${name}`, HTMLInputElement);
}

function codeIn(figure: HTMLElement): HTMLElement {
  const code = figure.querySelector('code');
  if (!code) throw new Error('a figure without code');
  return code;
}

function element<Type extends Element>(selector: string, type: new () => Type): Type {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`);
  return found;
}
