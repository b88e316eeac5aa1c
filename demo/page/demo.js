// The page around the players: what to paste, and what the simulated platform is doing. Plain script, no build.
const ROOMS = { allhands: 'All hands', 'product-update': 'Product update' };
const SHOWN = 14;
const origin = location.origin;

const snippets = {
  tag: `<script type="module" src="${origin}/v1/conf-listener.js"></script>
<conf-listener room="allhands"></conf-listener>`,
  frame: `<iframe src="${origin}/embed/allhands" title="All hands, live audio"
  width="100%" height="84" frameborder="0" allow="autoplay"></iframe>`,
  link: `${origin}/listen/allhands`,
};

for (const [id, text] of Object.entries(snippets)) document.getElementById(id).textContent = text;
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', () => copy(button));
}

/** Works on plain http too, where there is no navigator.clipboard: the code is selected for Ctrl-C. */
async function copy(button) {
  const code = document.getElementById(button.dataset.copy);
  if (navigator.clipboard) await navigator.clipboard.writeText(code.textContent);
  else getSelection().selectAllChildren(code);
  button.textContent = navigator.clipboard ? 'Copied' : 'Selected: press Ctrl-C';
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

const legs = new Map();
const list = document.getElementById('rooms');
for (const [room, title] of Object.entries(ROOMS)) {
  const term = document.createElement('dt');
  term.textContent = title;
  const line = document.createElement('span');
  line.textContent = 'No leg';
  const buttons = [
    ['drop', 'Drop the leg'],
    ['stall', 'Stall 1.5 s'],
  ].map(([action, text]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.addEventListener('click', () => fetch(`/demo/${action}/${room}`, { method: 'POST' }));
    return button;
  });
  const detail = document.createElement('dd');
  detail.append(line, ...buttons);
  list.append(term, detail);
  legs.set(room, line);
}

const events = document.getElementById('events');
let empty = true;

new EventSource('/demo/events').addEventListener('message', ({ data }) => {
  const event = JSON.parse(data);
  const line = legs.get(event.conversation);
  if (event.kind === 'frames') {
    if (line) line.textContent = `Leg is up, ${event.sent.toLocaleString('en')} frames sent`;
    return;
  }
  if (line && event.kind === 'status') {
    line.textContent = event.status === 'completed' ? 'No leg' : `Leg: ${event.status}`;
  }
  const text = describe(event);
  if (!text) return;
  if (empty) events.replaceChildren();
  empty = false;
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date(event.atMs).toLocaleTimeString('en-GB');
  item.append(time, text);
  events.prepend(item);
  while (events.children.length > SHOWN) events.lastElementChild.remove();
});

function describe(event) {
  const room = event.conversation ? ` (${ROOMS[event.conversation] ?? event.conversation})` : '';
  switch (event.kind) {
    case 'rest':
      return `relay asks: ${event.method} ${event.path.replace(/[0-9a-f-]{36}/, '…')} → ${event.status}`;
    case 'call':
      return `calls the relay${room}`;
    case 'status':
      return `call is ${event.status}${room}`;
    case 'joined':
      return `leg joins the conference${room}`;
    case 'left':
      return `leg leaves the conference${room}`;
    case 'webhook':
      return `tells the relay: ${event.status ?? 'event'} → ${event.responseStatus ?? 'no answer'}`;
    case 'hang-up':
      return 'hangs up, as the relay asked';
    case 'fault':
      return `misbehaves: ${event.fault.kind}`;
    default:
      return undefined;
  }
}
