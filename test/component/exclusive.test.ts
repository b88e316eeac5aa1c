import { expect } from 'chai';
import '../../component/define.ts';
import { leaveEar, takeEar, type Sharing } from '../../component/exclusive.ts';
import { until } from '../support/until.ts';
import { PlacedPlayer } from '../support/placed-player.ts';

describe('exclusive', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();

  it('of two players on a page the second ends the first, with the trigger `exclusive`', async () => {
    const first = await PlacedPlayer.place();
    const second = await PlacedPlayer.place({ room: 'other' });
    const socket = await first.listen();
    await second.listen();
    expect(socket.closed).to.equal(true);
    expect([first.element.state, second.element.playing]).to.deep.equal(['idle', true]);
    expect(first.events.slice(-2)).to.deep.equal(['conf-statechange idle', 'conf-stop exclusive']);
    expect(first.events.filter((event) => event.startsWith('conf-stop'))).to.have.length(1);
    await first.listen();
    expect([first.element.playing, second.element.playing]).to.deep.equal([true, false]);
    expect(second.events.at(-1)).to.equal('conf-stop exclusive');
  });

  it('`none` neither ends another nor is ended', async () => {
    const shy = await PlacedPlayer.place({ exclusive: 'none' });
    const first = await PlacedPlayer.place();
    const second = await PlacedPlayer.place();
    await first.listen();
    await shy.listen();
    expect(first.element.playing).to.equal(true);
    await second.listen();
    expect([shy, first, second].map(({ element }) => element.playing)).to.deep.equal([true, false, true]);
  });

  it('one that has been stopped or removed is not told that another starts', async () => {
    const told: string[] = [];
    const sharing = (name: string): Sharing => ({ exclusive: 'page', onOutplayed: () => told.push(name) });
    const [first, second] = [sharing('first'), sharing('second')];
    takeEar(first);
    leaveEar(first);
    takeEar(second);
    expect(told).to.deep.equal([]);
    takeEar(first);
    leaveEar(first);
    leaveEar(second);
    expect(told).to.deep.equal(['second']);
    const gone = await PlacedPlayer.place();
    await gone.listen();
    gone.element.remove();
    await until('it has stopped', () => !gone.element.playing);
    expect(gone.events.at(-1)).to.equal('conf-stop removed');
    await (await PlacedPlayer.place()).listen();
    expect(gone.events.filter((event) => event.startsWith('conf-stop'))).to.have.length(1);
  });

  it('a player that asks for sound once more does not end itself', () => {
    let told = 0;
    const player: Sharing = { exclusive: 'browser', onOutplayed: () => told++ };
    takeEar(player);
    takeEar(player);
    leaveEar(player);
    expect(told).to.equal(0);
  });

  describe('`browser`', () => {
    let otherTab: BroadcastChannel;
    let heard: number;

    function startThere(): void {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
      otherTab.postMessage('');
    }

    beforeEach(() => {
      heard = 0;
      otherTab = new BroadcastChannel('conf-listener');
      otherTab.addEventListener('message', () => heard++);
    });
    afterEach(() => otherTab.close());

    it('tells the other tabs once that it has started, a `page` never', async () => {
      const page = await PlacedPlayer.place();
      await page.listen();
      const browser = await PlacedPlayer.place({ exclusive: 'browser' });
      await browser.listen();
      await until('the other tab is told', () => heard > 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(heard).to.equal(1);
      expect([page.element.playing, browser.element.playing]).to.deep.equal([false, true]);
    });

    it('ends when one starts in another tab, and so does a `page`; a `none` plays on', async () => {
      for (const exclusive of ['browser', 'page']) {
        const player = await PlacedPlayer.place({ exclusive });
        await player.listen();
        startThere();
        await until(`${exclusive} has stopped`, () => !player.element.playing);
        expect(player.events.at(-1)).to.equal('conf-stop exclusive');
      }
      const none = await PlacedPlayer.place({ exclusive: 'none' });
      await none.listen();
      startThere();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(none.element.playing).to.equal(true);
    });
  });
});
