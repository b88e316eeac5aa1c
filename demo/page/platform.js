const ROOMS = { allhands: 'All hands', 'product-update': 'Product update' };
const SHOWN = 16;

/** What the simulated phone platform is doing, and its two buttons for each room. */
export class Platform {
  #legs = new Map();
  #events;
  #empty = true;

  /** Shows the rooms in one list, what happens in another. */
  constructor(rooms, events) {
    this.#events = events;
    for (const [room, title] of Object.entries(ROOMS)) rooms.append(this.#row(room, title));
  }

  /** Follows it from now on; `onEvent` takes every event there is. */
  follow(onEvent) {
    new EventSource('/demo/events').addEventListener('message', ({ data }) => {
      const event = JSON.parse(data);
      this.#take(event);
      onEvent(event);
    });
  }

  #row(room, title) {
    const row = document.createElement('li');
    const name = document.createElement('b');
    name.textContent = title;
    const line = document.createElement('span');
    line.textContent = 'No leg';
    const actions = document.createElement('span');
    actions.append(button('Drop the leg', title, room, 'drop'), button('Stall 1.5 s', title, room, 'stall'));
    row.append(name, line, actions);
    this.#legs.set(room, line);
    return row;
  }

  #take(event) {
    const line = this.#legs.get(event.conversation);
    if (event.kind === 'frames') {
      if (line) line.textContent = `Leg is up, ${event.sent.toLocaleString('en')} frames sent`;
      return;
    }
    if (line && event.kind === 'status') {
      line.textContent = event.status === 'completed' ? 'No leg' : `Leg: ${event.status}`;
    }
    const text = describe(event);
    if (!text) return;
    if (this.#empty) this.#events.replaceChildren();
    this.#empty = false;
    const item = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = new Date(event.atMs).toLocaleTimeString('en-GB');
    item.append(time, text);
    item.className = event.kind;
    this.#events.prepend(item);
    while (this.#events.children.length > SHOWN) this.#events.lastElementChild.remove();
  }
}

function button(text, title, room, action) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.ariaLabel = `${text}: ${title}`;
  element.addEventListener('click', () => fetch(`/demo/${action}/${room}`, { method: 'POST' }));
  return element;
}

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
      return `misbehaves: ${event.fault.kind} (${ROOMS[event.fault.conversation] ?? 'any room'})`;
    default:
      return undefined;
  }
}
