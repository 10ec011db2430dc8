const MULTIPLIER = 0x5deece66dn;
const BITS = 48;

/** The random numbers of a seed as `java.util.Random` gives them, which is what AWS draws from; seeds are cut to integers of 64 bits. */
export class JavaRandom {
  private state: bigint;

  constructor(seed: number) {
    this.state = BigInt.asUintN(BITS, BigInt(Math.trunc(seed)) ^ MULTIPLIER);
  }

  /** A number in `[0, 1)`. */
  nextDouble(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53;
  }

  /** An integer in `[0, bound)`. */
  nextInt(bound: number): number {
    if (bound > 2 ** 31 - 1) return Math.floor(this.nextDouble() * bound);
    const isPowerOfTwo = (bound & (bound - 1)) === 0;
    if (isPowerOfTwo) return Number((BigInt(bound) * BigInt(this.next(31))) >> 31n);
    for (;;) {
      const drawn = this.next(31);
      const value = drawn % bound;
      // The last, incomplete stretch of the range would make its numbers likelier.
      if (drawn - value + (bound - 1) < 2 ** 31) return value;
    }
  }

  private next(bits: number): number {
    this.state = BigInt.asUintN(BITS, this.state * MULTIPLIER + 0xbn);
    return Number(this.state >> BigInt(BITS - bits));
  }
}
