// Columns of samples as metrics really look, from a seed; for tests and benchmarks of the codecs.

/** Uniform in [0, 1). */
export type Random = () => number;

/** Mulberry32: small, fast, the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const STALE_MARKER = 0x7ff0000000000002n;

/** Bit patterns that codecs get wrong. */
export const HARD_BITS: readonly bigint[] = [
  0n,
  0x8000000000000000n, // -0
  0x7ff0000000000000n, // Inf
  0xfff0000000000000n, // -Inf
  0x7ff8000000000000n, // NaN
  0x7ff8000000000001n, // Prometheus' ordinary NaN
  STALE_MARKER,
  0xfff8dead0000beefn,
  0xffffffffffffffffn,
  1n, // smallest denormal
  0x000fffffffffffffn, // largest denormal
  0x7fefffffffffffffn, // largest finite
  0x4340000000000000n, // 2^53
  0x433fffffffffffffn, // 2^53 - 1
  0x4340000000000001n, // 2^53 + 2
  0xc340000000000000n, // -2^53
  0x3fb999999999999an, // 0.1
  0x3fd3333333333334n, // 0.1 + 0.2
];

/** A rule gives row i as a number, or as raw bits where they matter. */
type Rule = (i: number) => number | bigint;

/** Rules by name; each call starts a new series. */
export const VALUE_SHAPES: Readonly<Record<string, (random: Random) => Rule>> = {
  constant: (random) => {
    const value = Math.floor(random() * 100);
    return () => value;
  },
  constantFraction: (random) => {
    const value = random();
    return () => value;
  },
  stale: () => () => STALE_MARKER,
  counter: (random) => {
    let x = Math.floor(random() * 1e6);
    return () => {
      x += Math.floor(random() * 400);
      return x;
    };
  },
  steadyCounter: (random) => {
    const step = Math.ceil(random() * 1000);
    return (i) => i * step;
  },
  resettingCounter: (random) => {
    let x = 0;
    return () => {
      x = random() < 0.02 ? 0 : x + Math.floor(random() * 50);
      return x;
    };
  },
  bytes: (random) => {
    let x = 2 ** 30;
    return () => {
      x += 4096 * Math.floor(random() * 21 - 10);
      return x;
    };
  },
  twoDecimals: (random) => {
    let x = 50;
    return () => {
      x += random() * 4 - 2;
      return Math.round(x * 100) / 100;
    };
  },
  nineDecimals: (random) => {
    let x = 1000;
    return () => {
      x += random();
      return Math.round(x * 1e9) / 1e9;
    };
  },
  ratio: (random) => () => random(),
  mostlyWhole: (random) => () => (random() < 0.05 ? random() : Math.floor(random() * 100)),
  alternatingNan: (random) => (i) =>
    i % 2 === 0 ? 0x7ff8000000000001n : Math.floor(random() * 90),
  staleGaps: (random) => (i) => (i % 40 > 30 ? STALE_MARKER : Math.floor(random() * 9)),
  largeIntegers: (random) => () => Math.floor(random() * 2 ** 60),
  growingDecimals: (random) => (i) => Math.round(random() * 1e4) / 10 ** (i % 16),
  // Scales, but takes more room than its raw bits: wide integers between exceptions.
  wideWithExceptions: (random) => {
    let exception = 0;
    return (i) => {
      if (i % 2 === 0) return Math.floor((random() - 0.5 + random() / 2 ** 32) * 2 ** 54);
      if (i % 8 === 1) exception = random();
      return exception;
    };
  },
  spikes: (random) => () => (random() < 0.05 ? 1e12 : 3),
  randomBits: (random) => () =>
    (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)),
  hard: (random) => () => HARD_BITS[Math.floor(random() * HARD_BITS.length)]!,
};

export const TIME_SHAPES: Readonly<Record<string, (random: Random) => (i: number) => number>> = {
  constant: (random) => {
    const first = 1.7e12 + Math.floor(random() * 15_000);
    return (i) => first + 15_000 * i;
  },
  constantOdd: () => (i) => 1_700_000_000_123 + 1_234 * i,
  jitter: (random) => (i) => 1_700_000_000_000 + 15_000 * i + Math.floor(random() * 5),
  wholeSeconds: (random) => {
    let t = 1_700_000_000_500;
    return () => {
      t += 1000 * Math.ceil(random() * 90);
      return t;
    };
  },
  gaps: (random) => {
    let t = 1_700_000_000_000;
    return () => {
      t += random() < 0.02 ? 315_000 : 15_000;
      return t;
    };
  },
  drifting: (random) => {
    let t = 1_700_000_000_000;
    return () => {
      t += 10_000 + Math.floor(random() * 7);
      return t;
    };
  },
  beforeEpoch: (random) => (i) => -5_000_000 + 60_000 * i + Math.floor(random() * 2),
  unordered: (random) => () => Math.floor((random() - 0.5) * 2 ** 54),
  extremes: () => (i) => (i % 2 === 0 ? 2 ** 53 : -(2 ** 53)),
};

/** `n` rows of a value shape. */
export function makeValues(shape: string, n: number, seed: number): Float64Array {
  const rule = VALUE_SHAPES[shape]!(seededRandom(seed));
  const values = new Float64Array(n);
  const bits = new BigUint64Array(values.buffer);
  for (let i = 0; i < n; i++) {
    const value = rule(i);
    if (typeof value === 'bigint') bits[i] = value;
    else values[i] = value;
  }
  return values;
}

/** `n` rows of a time shape. */
export function makeTimes(shape: string, n: number, seed: number): Float64Array {
  const rule = TIME_SHAPES[shape]!(seededRandom(seed));
  return Float64Array.from({ length: n }, (_, i) => rule(i));
}

/** The bits of a column, for comparisons that see every NaN. */
export function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.slice().buffer);
}
