/** The part of pngjs that the tests use; it comes without types. */
declare module 'pngjs' {
  /** An image, four bytes a pixel. */
  export class PNG {
    constructor(size: { width: number; height: number; fill?: boolean });
    width: number;
    height: number;
    data: Buffer;
    static sync: {
      read(bytes: Buffer): PNG;
      write(
        image: PNG,
        options?: {
          colorType?: number;
          deflateLevel?: number;
          deflateStrategy?: number;
          filterType?: number;
        },
      ): Buffer;
    };
    static bitblt(
      from: PNG,
      to: PNG,
      fromX: number,
      fromY: number,
      width: number,
      height: number,
      toX: number,
      toY: number,
    ): void;
  }
}
