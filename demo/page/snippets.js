const SAID_MS = 2000;

/** Fills in what there is to paste, for the relay at `origin`, and lets it be copied. */
export function showSnippets(origin) {
  const snippets = {
    tag: `<script type="module" src="${origin}/v1/conf-listener.js"></script>
<conf-listener room="allhands"><a href="${origin}/listen/allhands">Listen live</a></conf-listener>`,
    frame: `<iframe src="${origin}/embed/allhands" title="All hands, live audio"
  width="100%" height="84" frameborder="0" allow="autoplay"></iframe>`,
    link: `${origin}/listen/allhands`,
  };
  for (const [id, text] of Object.entries(snippets)) document.getElementById(id).textContent = text;
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copy(button));
  }
}

/** Works on plain http too, where there is no navigator.clipboard: the code is selected for Ctrl-C. */
async function copy(button) {
  const code = document.getElementById(button.dataset.copy);
  const name = button.ariaLabel;
  let said = 'Copied';
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    said = 'Selected: press Ctrl-C';
  }
  button.textContent = said;
  button.ariaLabel = said;
  setTimeout(() => {
    button.textContent = 'Copy';
    button.ariaLabel = name;
  }, SAID_MS);
}
