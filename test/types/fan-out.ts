/** Type tests of `fanOutFanIn`: see `flow.ts`. */

import type { PartialResult, StoredResults } from '../../lib/contract/stored-results.js';
import { type Flow, fanOutFanIn, flow, type Step, shape } from '../../lib/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};
type Last<F> = F extends Flow<infer _I, infer _V, infer Out> ? Out : never;

interface Profile {
  readonly name: string;
  readonly rate: number;
}
interface Rendition {
  readonly location: string;
}
interface Request {
  readonly location: string;
  readonly numbers: readonly number[];
  readonly count: number;
}

declare const listProfiles: Step<unknown, Profile[]>;
declare const transcode: Step<{ location: string; profile: Profile }, Rendition>;
declare const rename: Step<Profile, Rendition>;
declare const count: Step<readonly Rendition[], number>;
declare const countStored: Step<StoredResults<Rendition>, number>;
declare const countPartial: Step<PartialResult<Rendition>, number>;
declare const countNumbers: Step<readonly number[], number>;
const bucket = { bucketName: 'b', bucketArn: 'arn:aws:s3:::b' };

const base = flow<Request>().step('profiles', listProfiles);

// The callbacks see the flow around, typed; the results are a list of what `each` gives.
const renditions = base.step(
  'renditions',
  fanOutFanIn({
    items: ({ profiles }) => profiles,
    each: transcode,
    input: (profile, { input }) => ({ location: input.location, profile }),
    maxConcurrency: 4,
  }),
);
proved<Equal<Last<typeof renditions>, readonly Rendition[]>>();
// Later steps see the results.
renditions.step('first', rename, ({ renditions }) => ({ name: renditions[0]!.location, rate: 1 }));
// @ts-expect-error a rendition has no rate
renditions.step('first', rename, ({ renditions }) => ({ name: 'x', rate: renditions[0]!.rate }));

// Without `input`, an item must fit as it is.
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename }));
// @ts-expect-error a profile is no { location, profile }
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: transcode }));
// @ts-expect-error numbers are no profiles
base.step('all', fanOutFanIn({ items: ({ input }) => input.numbers, each: rename }));
// Items may be written out.
base.step('all', fanOutFanIn({ items: () => [{ name: 'a', rate: 1 }], each: rename }));
base.step('all', fanOutFanIn({ items: ({ profiles, input }) => [profiles[0]!, { name: input.location, rate: 2 }], each: rename }));
// @ts-expect-error a rate is a number
base.step('all', fanOutFanIn({ items: () => [{ name: 'a', rate: 'b' }], each: rename }));

// @ts-expect-error there is no step `nope`
base.step('all', fanOutFanIn({ items: ({ nope }) => nope, each: rename }));
// @ts-expect-error one profile is no list
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles[0]!, each: rename }));
base.step(
  'all',
  // @ts-expect-error location is a string
  fanOutFanIn({ items: ({ profiles }) => profiles, each: transcode, input: (profile, { input }) => ({ location: input.count, profile }) }),
);
base.step(
  'all',
  // @ts-expect-error a profile has no `nam`
  fanOutFanIn({ items: ({ profiles }) => profiles, each: transcode, input: (profile) => ({ location: profile.nam, profile }) }),
);

// Tolerated failures, stored results and an aggregate step shape the result.
const partial = base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, toleratedFailures: 'all' }));
proved<Equal<Last<typeof partial>, PartialResult<Rendition>>>();
partial.step('next', rename, ({ all }) => ({ name: all.failed[0]!.error.name, rate: all.succeeded[0]!.index }));
// @ts-expect-error the partial result is no list
partial.step('next', rename, ({ all }) => ({ name: all[0]!.location, rate: 1 }));
const stored = base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, resultsTo: { bucket } }));
proved<Equal<Last<typeof stored>, StoredResults<Rendition>>>();
const counted = base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: count }));
proved<Equal<Last<typeof counted>, number>>();
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: countStored, resultsTo: { bucket } }));
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: countPartial, toleratedFailures: { count: 1 } }));
// @ts-expect-error renditions are no numbers
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: countNumbers }));
// @ts-expect-error where failures are tolerated, the aggregate gets a partial result
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: count, toleratedFailures: 'all' }));
// @ts-expect-error stored results are a pointer
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, aggregate: count, resultsTo: { bucket } }));
// @ts-expect-error tolerated failures are a count or a percentage
base.step('all', fanOutFanIn({ items: ({ profiles }) => profiles, each: rename, toleratedFailures: { percent: 5 } }));

// Items from Amazon S3 have the type that they are said to have.
const rows = { format: 'csv', bucket, key: 'rows.csv', holds: shape<{ readonly title: string }>() } as const;
base.step('all', fanOutFanIn({ items: rows, each: rename, input: (row, { input }) => ({ name: row.title, rate: input.count }) }));
base.step(
  'all',
  fanOutFanIn({
    items: { format: 'jsonl', bucket, key: ({ input }) => input.location, holds: shape<Profile>() },
    each: rename,
  }),
);
// @ts-expect-error a row has no `tite`
base.step('all', fanOutFanIn({ items: rows, each: rename, input: (row) => ({ name: row.tite, rate: 1 }) }));
// @ts-expect-error a row is no profile
base.step('all', fanOutFanIn({ items: rows, each: rename }));

// Without `items`, the last result is the list.
flow<readonly Profile[]>().step('all', fanOutFanIn({ each: rename }));
// @ts-expect-error the last result is a list of numbers
flow<readonly number[]>().step('all', fanOutFanIn({ each: rename }));
