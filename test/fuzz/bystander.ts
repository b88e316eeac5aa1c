import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { House, type Ear, type Mouth } from '../relay/house.ts';

/** A relay that is fuzzed, and somebody who listens to another of its rooms and notices nothing. */
export class Bystander {
  readonly house: House;
  readonly #mouth: Mouth;
  readonly #ear: Ear;
  #heard = 0;

  private constructor(house: House, mouth: Mouth, ear: Ear) {
    this.house = house;
    this.#mouth = mouth;
    this.#ear = ear;
  }

  /** Many may come, from wherever they say that they come; sound is in room `side`. */
  static async open(): Promise<Bystander> {
    const limits = { connections: 100_000, perRoom: 100_000, perAddress: 100_000, joinsPerSec: 100_000 };
    const house = await House.open({ settings: { limits, trustProxy: 1 } });
    return new Bystander(house, await house.publish('side'), await house.listen('side'));
  }

  /** Sound is heard right after what was heard before; the log since then tells of no failure of the relay. */
  async hears(): Promise<void> {
    await until('the bystander hears', () => {
      if (this.#ear.chunks.length === 0) this.#mouth.speak(20);
      return this.#ear.chunks.length > 0;
    });
    const sequences = this.#ear.chunks.splice(0).map(({ sequence }) => sequence);
    expect([sequences, this.#ear.closed]).toEqual([sequences.map((_, n) => this.#heard + n), undefined]);
    this.#heard += sequences.length;
    this.#ear.files.length = 0;
    const lines = this.house.log.lines.splice(0);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  }

  async close(): Promise<void> {
    this.#ear.socket.close();
    this.#mouth.socket.close();
    await this.house.close();
  }
}
