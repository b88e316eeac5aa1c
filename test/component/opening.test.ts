import { expect } from 'chai';
import '../../component/define.ts';
import { de } from '../../component/i18n/de.ts';
import { register } from '../../component/i18n/register.ts';
import { until } from '../support/until.ts';
import type { FakeSocket } from '../support/fake-socket.ts';
import { PlacedPlayer } from '../support/placed-player.ts';
import { hello, speak } from '../support/relay-words.ts';

const CLOSED = { state: 'waiting', epoch: null, sampleRate: null, mediaMs: null } as const;

/** A moment of today that has not come yet, on the minute; near midnight there is none, and the test begins after it. */
async function laterToday(): Promise<number> {
  const soon = new Date(Date.now() + 120_000);
  soon.setSeconds(0, 0);
  if (soon.getDate() === new Date().getDate()) return soon.getTime();
  await new Promise((resolve) => setTimeout(resolve, 125_000));
  return laterToday();
}

/** A closed room's player in a language, as it waits. */
async function waiting(lang: string, opensAt: number): Promise<{ player: PlacedPlayer; socket: FakeSocket }> {
  const player = await PlacedPlayer.place({ lang });
  const socket = await player.listen();
  socket.tell(hello({ ...CLOSED, opensAt }));
  await player.reaches('waiting');
  return { player, socket };
}

describe('a player of a room that is closed', function () {
  this.timeout(300_000);
  PlacedPlayer.inEachTest();
  before(() => register('de', de));

  for (const [lang, words] of [
    ['en', (time: string) => `Starts at ${time}`],
    ['de', (time: string) => `Beginn um ${time}`],
  ] as const) {
    it(`says in ${lang} when it starts: today the time, else the day too`, async () => {
      const today = await laterToday();
      const { player, socket } = await waiting(lang, today);
      const time = new Date(today).toLocaleTimeString(lang, { timeStyle: 'short' });
      expect(await player.words()).to.equal(words(time));
      expect(time).to.match(lang === 'en' ? /^\d+:\d\d\s[AP]M$/ : /^\d\d:\d\d$/);
      const thursday = new Date(2037, 10, 26, 14, 0).getTime();
      socket.tell({ type: 'state', state: 'waiting', opensAt: thursday });
      const day =
        lang === 'en' ? /^Starts at 2:00\sPM · Thu, Nov 26$/ : /^Beginn um 14:00 · Do\., 26\. Nov\.$/;
      expect(await player.words()).to.match(day);
      expect(player.element.meta.opensAt).to.equal(thursday);
    });
  }

  it('says it to assistive technology as it comes', async () => {
    const { player } = await waiting('de', new Date(2037, 10, 26, 14, 0).getTime());
    await until(
      'it is said',
      () => player.find('.spoken[role=status]')?.textContent === 'Beginn um 14:00 · Do., 26. Nov.',
    );
  });

  it('waits for the host once the time has passed, and once the relay names none any more', async () => {
    const { player, socket } = await waiting('en', Date.now() + 1500);
    expect(await player.words()).to.match(/^Starts at/);
    await until('the time has passed', () => player.element.meta.opensAt === null);
    expect(await player.words()).to.equal('Waiting for the host to start');
    socket.tell({ type: 'state', state: 'waiting', opensAt: new Date(2037, 10, 26, 14, 0).getTime() });
    expect(await player.words()).to.match(/^Starts at/);
    socket.tell({ type: 'state', state: 'waiting' });
    expect(await player.words()).to.equal('Waiting for the host to start');
  });

  it('lets the page’s own words for it stand', async () => {
    const { player } = await waiting('en', Date.now() + 60_000);
    const own = document.createElement('span');
    own.slot = 'waiting';
    own.textContent = 'See you at two';
    player.element.append(own);
    expect(own.assignedSlot?.name).to.equal('waiting');
  });
});

/** A player, and the texts of its `conf-notice`. */
async function listener(
  attributes: Record<string, string> = {},
): Promise<{ player: PlacedPlayer; told: string[] }> {
  const player = await PlacedPlayer.place(attributes);
  const told: string[] = [];
  player.element.addEventListener('conf-notice', ({ detail }) => told.push(detail.text));
  return { player, told };
}

describe('a notice', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();
  before(() => register('de', de));

  const LATE =
    'The session is ten minutes late because the lift is stuck between the third and the fourth floor';

  for (const lang of ['en', 'de']) {
    it(`shows as a line of its own beside what the status says, and goes when it is taken back: ${lang}`, async () => {
      const { player, told } = await listener({ lang });
      const socket = await player.listen();
      const end = speak(socket);
      await player.reaches('live');
      socket.tell({ type: 'notice', text: LATE, until: Date.now() + 300_000 });
      await player.element.updateComplete;
      const line = player.part('notice');
      expect([line.textContent, line.role ?? line.getAttribute('role'), line.title]).to.deep.equal([
        LATE,
        'status',
        LATE,
      ]);
      expect(await player.words()).to.equal('Live');
      socket.tell({ type: 'notice', text: 'It goes on' });
      socket.tell({ type: 'notice', text: 'It goes on' });
      await player.element.updateComplete;
      expect(player.part('notice') === line).to.equal(true);
      expect(line.textContent).to.equal('It goes on');
      socket.tell({ type: 'notice', text: '' });
      await player.element.updateComplete;
      end();
      expect(player.find('[part=notice]') === null).to.equal(true);
      expect(told).to.deep.equal([LATE, 'It goes on', '']);
      expect(player.element.meta.notice).to.equal('');
    });
  }

  it('comes with the hello to who comes late, and is gone with one that has none', async () => {
    const { player, told } = await listener();
    const socket = await player.listen();
    socket.tell(hello({ ...CLOSED, notice: LATE }));
    await player.reaches('waiting');
    expect(player.part('notice').textContent).to.equal(LATE);
    socket.tell(hello({ ...CLOSED, notice: LATE }));
    socket.tell(hello(CLOSED));
    await player.element.updateComplete;
    expect(player.find('[part=notice]') === null).to.equal(true);
    expect(told).to.deep.equal([LATE, '']);
  });

  it('is not shown any more once the listener has stopped', async () => {
    const { player, told } = await listener();
    const socket = await player.listen();
    socket.tell(hello({ ...CLOSED, notice: LATE, opensAt: Date.now() + 60_000 }));
    await player.reaches('waiting');
    player.element.stop();
    await player.element.updateComplete;
    expect(player.find('[part=notice]') === null).to.equal(true);
    expect(told).to.deep.equal([LATE, '']);
    expect(player.element.meta).to.include({ title: 'All hands', opensAt: null, notice: '' });
  });

  it('is text, whatever it looks like', async () => {
    const { player } = await listener();
    const socket = await player.listen();
    socket.tell(hello({ ...CLOSED, notice: '<b>now</b>' }));
    await player.reaches('waiting');
    expect([player.part('notice').textContent, player.part('notice').childElementCount]).to.deep.equal([
      '<b>now</b>',
      0,
    ]);
  });

  for (const width of [760, 480, 320]) {
    it(`in a bar of ${width} px moves and covers nothing: 64 px high as before, every control where it was`, async () => {
      const { player } = await listener();
      player.element.style.inlineSize = `${width}px`;
      const socket = await player.listen();
      const end = speak(socket);
      await player.reaches('live');
      const boxes = (): number[][] =>
        ['bar', 'play', 'title', 'mute', 'tail'].map((name) => {
          const { left, top, right, bottom } = player.part(name).getBoundingClientRect();
          // The title stands higher, the tail begins later where the meter makes room.
          if (name === 'title') return [left];
          return name === 'tail' ? [right] : [left, top, right, bottom];
        });
      const before = boxes();
      socket.tell({ type: 'notice', text: LATE });
      await player.element.updateComplete;
      end();
      expect(boxes()).to.deep.equal(before);
      expect(player.part('bar').offsetHeight).to.equal(64);
      const [line, tail, play] = ['notice', 'tail', 'play'].map((name) =>
        player.part(name).getBoundingClientRect(),
      );
      expect(line?.right ?? NaN).to.be.at.most(tail?.left ?? NaN);
      expect(line?.left ?? NaN).to.be.at.least(play?.right ?? NaN);
      expect(line?.width ?? NaN).to.be.above(100);
    });
  }

  it('in a card shows whole, on as many lines as it takes', async () => {
    const { player } = await listener({ variant: 'card' });
    player.element.style.inlineSize = '320px';
    const socket = await player.listen();
    socket.tell(hello({ ...CLOSED, notice: LATE }));
    await player.reaches('waiting');
    const line = player.part('notice');
    expect([line.scrollWidth, line.scrollHeight]).to.deep.equal([line.clientWidth, line.clientHeight]);
    expect(line.clientHeight).to.be.above(30);
  });
});
