/**
 * Type tests: compiled by `npm run lint`, never run. Each `@ts-expect-error` is a mistake that the compiler must find; an unused one is an error itself.
 */
import type { App } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Activity, Chain, expr, type Flow, fail, flow, orElse, type Step } from '../../lib/index.js';

declare const stack: App;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};
type OutputOfFlow<F> = F extends Flow<infer _I, infer _V, infer Last> ? Last : never;

interface Rendition {
  readonly location: string;
  readonly bitRate: number;
}

const upper = new Activity<(event: { name: string }) => Promise<{ upper: string; length: number }>>(stack, 'Upper', {
  entry: 'x.ts',
});
const greet = new Activity<(event: { text: string }) => Promise<{ greeting: string }>>(stack, 'Greet', {
  entry: 'x.ts',
});
const shout = new Activity<(event: { greeting: string }) => string>(stack, 'Shout', { entry: 'x.ts' });
const list = new Activity<() => Promise<Rendition[]>>(stack, 'List', { entry: 'x.ts' });
const cleanUp = new Activity<(event: { renditions: Rendition[] | null; reason: string | null }) => Promise<void>>(
  stack,
  'CleanUp',
  { entry: 'x.ts' },
);
const strict = new Activity<(event: { renditions: Rendition[] }) => Promise<void>>(stack, 'Strict', { entry: 'x.ts' });
const optional = new Activity<(event: { text: string; note?: string }) => Promise<number>>(stack, 'Optional', {
  entry: 'x.ts',
});

// An activity has the types of its handler.
proved<
  Equal<
    typeof upper extends Step<infer I, infer O> ? [I, O] : never,
    [{ name: string }, { upper: string; length: number }]
  >
>();
// A handler that gives nothing gives null, as JSON says it.
proved<Equal<typeof cleanUp extends Step<never, infer O> ? O : never, null>>();

// Results are known by name, and the last one by position.
const named = flow<{ name: string; tags: string[] }>()
  .step('up', upper)
  .step('greeting', greet, ({ up, input }) => ({ text: expr<string>`${up.upper} & ${input.tags[0]}` }));
proved<Equal<OutputOfFlow<typeof named>, { greeting: string }>>();

// An explicit output has the type of what its references refer to.
const explicit = named.output(({ up, greeting, input }) => ({
  n: up.length,
  g: greeting.greeting,
  first: input.tags[0],
  fixed: 'text',
}));
const _explicit: OutputOfFlow<typeof explicit> = { n: 1, g: 'g', first: 'f', fixed: 'text' };
// @ts-expect-error n is a number
const _wrong: OutputOfFlow<typeof explicit> = { n: '1', g: 'g', first: 'f', fixed: 'text' };

// The mapping may be left out exactly where the last result fits.
flow<{ name: string }>().step('up', upper);
flow<{ name: string }>()
  .step('greet', greet, () => ({ text: 'fixed' }))
  .step('shout', shout);
// @ts-expect-error { upper, length } is no { text }: a mapping is missing
flow<{ name: string }>().step('up', upper).step('greet', greet);

// @ts-expect-error length is a number, text wants a string
flow<{ name: string }>().step('up', upper).step('greet', greet, ({ up }) => ({ text: up.length }));
// @ts-expect-error there is no step `nope`
flow<{ name: string }>().step('up', upper).step('greet', greet, ({ nope }) => ({ text: nope }));
// @ts-expect-error there is no field `uper`
flow<{ name: string }>().step('up', upper).step('greet', greet, ({ up }) => ({ text: up.uper }));
// @ts-expect-error the field `text` is missing
flow<{ name: string }>().step('up', upper).step('greet', greet, () => ({}));
// @ts-expect-error the name is taken
flow<{ name: string }>().step('up', upper).step('up', shout, () => ({ greeting: 'x' }));
// @ts-expect-error the name is reserved
flow<{ name: string }>().step('input', upper);
// @ts-expect-error a reference is no string
flow<{ name: string }>().step('up', upper).step('greet', greet, ({ up }) => ({ text: up.upper.toUpperCase() }));
// @ts-expect-error a reference is no number
flow<{ n: number }>().step('greet', greet, ({ input }) => ({ text: String(input.n * 2) }));

// A list's elements are references too; a list has no methods before the workflow runs.
flow<unknown>()
  .step('list', list)
  .step('greet', greet, ({ list }) => ({ text: list[0]!.location }));
// @ts-expect-error no methods on references
flow<unknown>().step('list', list).step('greet', greet, ({ list }) => ({ text: list.map((r) => r.location)[0] }));

// An optional field takes a literal, any reference or nothing: where there is no value it is left out.
flow<{ text: string; note?: string }>().step('o', optional, ({ input }) => ({ text: input.text }));
flow<{ text: string; note?: string }>().step('o', optional, ({ input }) => ({
  text: input.text,
  note: orElse(input.note, ''),
}));
flow<{ text: string; note?: string }>().step('o', optional, ({ input }) => ({ text: input.text, note: input.note }));
// @ts-expect-error `text` is needed
flow<{ text?: string }>().step('o', optional, ({ input }) => ({ text: input.text }));
flow<{ text?: string }>().step('o', optional, ({ input }) => ({ text: orElse(input.text, '') }));

// So it is in an output; alone, and in a list, nothing can be left out.
const forwards = flow<{ text: string; note?: string; tags?: string[] }>()
  .step('o', optional, ({ input }) => ({ text: input.text }))
  .output(({ input }) => ({ text: input.text, note: input.note, deep: { tags: input.tags, fixed: 1 } }));
proved<
  Equal<
    OutputOfFlow<typeof forwards>,
    { readonly text: string; readonly note?: string; readonly deep: { readonly fixed: number; readonly tags?: string[] } }
  >
>();
// @ts-expect-error `output` may be undefined
flow<{ note?: string }>().output(({ input }) => input.note);
// @ts-expect-error `output[]` may be undefined
flow<{ note?: string }>().output(({ input }) => [input.note]);
// @ts-expect-error `output.notes[]` may be undefined
flow<{ note?: string }>().output(({ input }) => ({ notes: [input.note] }));
flow<{ note?: string }>().output(({ input }) => orElse(input.note, ''));
flow<{ note?: string }>().output(({ input }) => ({ notes: [orElse(input.note, '')] }));
flow<{ note: unknown }>().output(({ input }) => input.note);

// A catch handler sees earlier results as possibly missing.
const caught = flow<unknown>()
  .step('renditions', list)
  .catch(cleanUp, ({ renditions, error }) => ({ renditions, reason: error.message }));
proved<Equal<OutputOfFlow<typeof caught>, Rendition[] | null>>();
// @ts-expect-error the handler must take null
flow<unknown>().step('renditions', list).catch(strict, ({ renditions }) => ({ renditions }));
// @ts-expect-error no way into what may be missing
flow<unknown>().step('renditions', list).catch(greet, ({ renditions }) => ({ text: renditions[0].location }));
// After `continue` the results may be missing for later steps as well.
// @ts-expect-error renditions may be null
flow<unknown>().step('renditions', list).catch(cleanUp, ({ renditions }) => ({ renditions, reason: null }), { then: 'continue' }).step('s', strict, ({ renditions }) => ({ renditions }));
// After `fail` they are certain: the flow goes on only without an error.
flow<unknown>()
  .step('renditions', list)
  .catch(cleanUp, ({ renditions }) => ({ renditions, reason: null }), { then: 'fail' })
  .step('s', strict, ({ renditions }) => ({ renditions }));

// Branches continue the flow or take the last result; the results join.
const chosen = flow<{ name: string }>()
  .step('up', upper)
  .choose('said', {
    when: ({ up }) => expr<boolean>`${up.length} > 3`,
    then: (f) => f.step('greeting', greet, ({ up }) => ({ text: up.upper })),
    otherwise: (f) => f.step('list', list, () => null),
  });
proved<Equal<OutputOfFlow<typeof chosen>, { greeting: string } | Rendition[]>>();
flow<{ greeting: string }>().choose({ when: () => expr<boolean>`true`, then: shout });
// @ts-expect-error the branch doesn't take the last result
flow<{ name: string }>().choose({ when: () => expr<boolean>`true`, then: shout });
// @ts-expect-error a condition is no string
flow<{ name: string }>().choose({ when: ({ input }) => input.name, then: upper });
// @ts-expect-error results inside a branch are not known behind it
chosen.step('late', greet, ({ greeting }) => ({ text: greeting.greeting }));

// A branch that fails gives nothing: the result is the other one's. Name and message read the flow around.
const rejecting = flow<{ name: string }>()
  .step('up', upper)
  .choose({
    when: ({ up }) => expr<boolean>`${up.length} > 3`,
    then: fail('TooLong', 'at most three characters'),
    otherwise: (f) => f.step('greeting', greet, ({ up }) => ({ text: up.upper })),
  });
proved<Equal<OutputOfFlow<typeof rejecting>, { greeting: string }>>();
const rejected = flow<{ name: string }>().step(
  'reject',
  fail('No', ({ input }) => input.name),
);
proved<Equal<OutputOfFlow<typeof rejected>, never>>();
// What handles the error gives the result.
const handled = rejected.catch(greet, ({ error }) => ({ text: error.name }));
proved<Equal<OutputOfFlow<typeof handled>, { greeting: string }>>();
// @ts-expect-error a message is a text
flow<{ count: number }>().step('reject', fail('No', ({ input }) => input.count));

flow<{ due: string; pause: number }>()
  .delay(Duration.minutes(5))
  .delay({ until: ({ input }) => input.due })
  .delay({ seconds: ({ input }) => input.pause });
// @ts-expect-error a moment is a string
flow<{ pause: number }>().delay({ until: ({ input }) => input.pause });

// A flow is a step, and so is any sfn.IChainable.
flow<{ who: string }>()
  .step('inner', named, ({ input }) => ({ name: input.who, tags: [input.who, 'fixed'] }))
  .step('shout', shout);
// @ts-expect-error the inner flow wants tags
flow<{ who: string }>().step('inner', named, ({ input }) => ({ name: input.who }));
flow<{ who: string }>()
  .step('raw', new sfn.Pass(stack, 'Raw'))
  .step('greet', greet, ({ raw }) => ({ text: raw.anything }));

// A list of steps must fit, each to the next.
const chain = new Chain(stack, 'C', { steps: [greet, shout] });
proved<Equal<typeof chain extends Step<infer I, infer O> ? [I, O] : never, [{ text: string }, string]>>();
// @ts-expect-error upper's output is no { text }
new Chain(stack, 'D', { steps: [upper, greet] });
// @ts-expect-error a chain needs a step
new Chain(stack, 'E', { steps: [] });
// An orchestration is a step of another.
flow<{ text: string }>()
  .step('child', chain)
  .output(({ child }) => child);
// @ts-expect-error the child wants { text }
flow<{ no: string }>().step('child', chain);

// @ts-expect-error retryTimeout can't be honoured by Step Functions
new Activity(stack, 'R', { entry: 'x.ts', retry: { maxAttempts: 3, retryTimeout: Duration.hours(1) } });
