import { escapeHtml, htmlPage } from './html-page.ts';

/** The languages of the player, by tag, as they call themselves. */
const LANGUAGES: Readonly<Record<string, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  it: 'Italiano',
  nl: 'Nederlands',
  pl: 'Polski',
  ja: '日本語',
  zh: '中文',
  ar: 'العربية',
};

/** The player's controls, by their names in its attribute. */
const CONTROLS: Readonly<Record<string, string>> = {
  mute: 'Mute',
  volume: 'Volume',
  meter: 'Level meter',
  count: 'Listeners, where the room shows them',
  live: 'Back to live, when behind',
  captions: 'Captions, when there are any',
};

/** What can be copied, by the names of the page's script: a heading, and what it is for. */
const CODE: Readonly<Record<string, readonly [heading: string, purpose: string]>> = {
  script: [
    'Script and tag',
    'Into the page, where the player is to be. The link shows where no script runs.',
  ],
  link: ['Address', 'To paste on a line of its own, to send, or to link to.'],
  iframe: ['Iframe', 'Into the page, as HTML.'],
  frame: ['Address of the frame', 'For a CMS that asks for an address instead of HTML.'],
  style: ['Style', 'Into the page’s style sheet: nothing jumps when the player appears.'],
  policy: [
    'Content Security Policy',
    'Only where the page has one: add the sources to these directives. Styles, fonts and images need nothing; under require-trusted-types-for, script and tag need trusted-types lit-html.',
  ],
  oembed: [
    'oEmbed',
    'Where a CMS asks this itself: what a pasted address becomes. Whoever sets the CMS up may want to see it.',
  ],
  pinned: [
    'A version that never changes',
    'In place of script and tag: the browser checks each file, and loads the second before anybody presses Listen.',
  ],
  classic: ['Without modules', 'In place of script and tag, for a CMS that drops type="module".'],
};

/** What each CMS lets an editor paste. `way`: button that chooses it. */
const PLACES: readonly [name: string, html: string][] = [
  [
    'WordPress',
    `<p>Everybody who may write can paste an <strong>address</strong>: on a line of its own, or into an Embed block.
WordPress asks the relay what it is and puts the player into a sandboxed frame. ${show('oembed')}</p>
<p><strong>HTML</strong> goes into a Custom HTML block. WordPress keeps scripts and iframes of administrators and editors
only (the capability <code>unfiltered_html</code>), in a network of sites those of super admins only; it removes what
others paste. ${show('script')} ${show('iframe')}</p>`,
  ],
  [
    'SharePoint Online',
    `<p>Scripts cannot be pasted. The Embed web part takes an <strong>iframe</strong>, or the https address of one. It shows
only domains that are allowed: a site collection administrator adds the relay’s under Site settings, HTML Field
Security. ${show('iframe')}</p>`,
  ],
  [
    'Confluence',
    `<p>Data Center: the HTML macro takes an <strong>iframe</strong> or script and tag. It is there only where a system
administrator has enabled it. ${show('iframe')}</p>
<p>Cloud: apps of the Marketplace bring such a macro. Their administrators say which domains it may load: ask for the
relay’s. Otherwise, link to the room’s page. ${show('link')}</p>`,
  ],
  [
    'Drupal',
    `<p>The text format decides. Full HTML, which is for trusted people, keeps <strong>script and tag</strong>; Basic HTML and
Restricted HTML remove them, and iframes. ${show('script')}</p>
<p>Media from an <strong>address</strong> needs more than the page’s own word: an administrator must add the relay to the
list of oEmbed providers, under the <code>provider_name</code> of its answers. ${show('oembed')}</p>`,
  ],
  [
    'Notion',
    `<p>No HTML. Type <code>/embed</code> and paste the <strong>address of the frame</strong>. A room that plays only on
listed pages may refuse it: Notion does not say which page asks. ${show('iframe')}</p>`,
  ],
  [
    'Any other CMS',
    `<p>Try an <strong>address</strong> first, an <strong>iframe</strong> next, <strong>script and tag</strong> where HTML is
kept as you write it. What vanishes when you save is filtered: ask the administrator to allow the relay’s domain for
iframes. ${show('link')} ${show('iframe')} ${show('script')}</p>`,
  ],
];

/**
 * `/builder`: choices, a preview and the code for them, for whoever puts the player on a page. `publicUrl`: the relay's
 * origin as browsers see it. Knows no room: which there are is not for everybody.
 */
export function builderPage(publicUrl: string): string {
  const main = `<main data-relay="${escapeHtml(publicUrl)}">
<h1>Put the player on your page</h1>
<noscript><p>The choices need JavaScript. What is said below on where to paste does not.</p></noscript>
<form id="choices" aria-label="Choices">
<p><label class="name" for="room">Room</label>
<input id="room" name="room" maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false"
aria-describedby="room-hint" aria-invalid="false">
<span class="hint" id="room-hint">The id that its operator gave you: a–z, 0–9 and -</span></p>
${radios('way', 'How it comes onto the page', { script: 'Script and tag', iframe: 'Iframe', link: 'Link', oembed: 'Pasted address (oEmbed)' })}
${radios('variant', 'Layout', { bar: 'Bar', card: 'Card', button: 'Button' })}
${radios('theme', 'Colours', { auto: 'As page and system', light: 'Light', dark: 'Dark' })}
<p><label class="name" for="lang">Language</label>
<select id="lang" name="lang">
<option value="">As the page around it</option>
${Object.entries(LANGUAGES)
  .map(([tag, name]) => `<option value="${tag}" lang="${tag}">${name}</option>`)
  .join('\n')}
</select></p>
<p><label class="name" for="accent">Accent colour</label>
<span class="pair"><input id="accent" name="accent" maxlength="7" autocomplete="off" spellcheck="false"
placeholder="#0b5cad" aria-describedby="accent-hint" aria-invalid="false">
<input id="picker" type="color" value="#0b5cad" aria-label="Pick the accent colour"></span>
<span class="hint" id="accent-hint">As #rrggbb; empty for the player’s own</span></p>
<fieldset><legend>Controls</legend>
<input type="hidden" name="controls" value="">
${Object.entries(CONTROLS)
  .map(
    ([name, text]) =>
      `<label><input type="checkbox" name="controls" value="${name}" checked> ${text}</label>`,
  )
  .join('\n')}
</fieldset>
<p><label><input type="checkbox" id="autoplay" name="autoplay"> Start by itself, where the browser lets it</label></p>
</form>
<div class="result">
<section aria-labelledby="preview"><h2 id="preview">Preview</h2>
<conf-listener room="your-room"></conf-listener>
<div role="status"><ul id="advice"></ul></div>
</section>
<section aria-labelledby="code"><h2 id="code" tabindex="-1">Code</h2>
${Object.entries(CODE)
  .map(([name, [heading, purpose]]) => figure(name, heading, purpose))
  .join('\n')}
<p id="said" role="status" class="spoken"></p>
</section>
</div>
<section class="places" aria-labelledby="places"><h2 id="places">Where do I paste it?</h2>
${PLACES.map(([name, html]) => `<details><summary>${name}</summary>\n${html}\n</details>`).join('\n')}
</section>
</main>`;
  const head = [
    '<link rel="stylesheet" href="/pages/builder.css">',
    '<script type="module" src="/v1/conf-listener.js"></script>',
    '<script type="module" src="/pages/builder.js"></script>',
  ];
  return htmlPage({ title: 'Put the player on your page', head, body: main });
}

function figure(name: string, heading: string, purpose: string): string {
  return `<figure data-code="${name}" hidden>
<figcaption><h3 id="code-${name}">${heading}</h3><p>${purpose}</p></figcaption>
<pre><code></code></pre>
<button type="button" aria-describedby="code-${name}">Copy</button>
</figure>`;
}

function radios(name: string, legend: string, texts: Readonly<Record<string, string>>): string {
  const labels = Object.entries(texts).map(
    ([value, text], at) =>
      `<label><input type="radio" name="${name}" value="${value}"${at === 0 ? ' checked' : ''}> ${text}</label>`,
  );
  return `<fieldset><legend>${legend}</legend>\n${labels.join('\n')}\n</fieldset>`;
}

/** A button that chooses a way. */
function show(way: 'script' | 'iframe' | 'link' | 'oembed'): string {
  const what = { script: 'script and tag', iframe: 'the iframe', link: 'the link', oembed: 'the address' }[
    way
  ];
  return `<button type="button" data-way="${way}">Show ${what}</button>`;
}
