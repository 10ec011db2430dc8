/** Type tests of what JSON keeps: see `flow.ts`. */
import type { App } from 'aws-cdk-lib';
import type { TaskHub } from '../../lib/index.js';
import { Activity, Chain, expr, fanOutFanIn, flow, matches, narrow, orElse, type Step } from '../../lib/index.js';

declare const stack: App;
declare const hub: TaskHub;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <_T extends true>(): void => {};
const entry = 'x.ts';

/** A handler that takes `In`, and one that gives `Out`. */
type Takes<In> = (event: In) => Promise<string>;
type Gives<Out> = () => Promise<Out>;

class Money {
  constructor(readonly amount: number) {}
  double(): number {
    return this.amount * 2;
  }
}
enum Level {
  Low,
  High,
}
enum Kind {
  Card = 'card',
  Cash = 'cash',
}
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type MutableJson = string | number | boolean | null | MutableJson[] | { [key: string]: MutableJson };
interface Tree {
  name: string;
  children: Tree[];
}
interface WithoutIndex {
  readonly id: string;
}

// --- Refused, at the handler, with the field's path.
// @ts-expect-error `input.at` is a Date
new Activity<Takes<{ readonly at: Date }>>(stack, 'A', { entry });
// @ts-expect-error so deep too
new Activity<Takes<{ readonly orders: readonly { readonly at: Date }[] }>>(stack, 'A', { entry });
// @ts-expect-error a Date may be one of several
new Activity<Takes<{ readonly at: string | Date }>>(stack, 'A', { entry });
// @ts-expect-error an optional Date
new Activity<Takes<{ readonly at?: Date }>>(stack, 'A', { entry });
// @ts-expect-error the input itself
new Activity<Takes<Date>>(stack, 'A', { entry });
// @ts-expect-error `result.at` is a Date
new Activity<Gives<{ readonly at: Date }>>(stack, 'A', { entry });
// @ts-expect-error also without a promise
new Activity<() => { readonly at: Date }>(stack, 'A', { entry });
// @ts-expect-error a Map arrives as {}
new Activity<Gives<Map<string, number>>>(stack, 'A', { entry });
// @ts-expect-error a Set arrives as {}
new Activity<Gives<{ readonly tags: Set<string> }>>(stack, 'A', { entry });
// @ts-expect-error a bigint can't be JSON
new Activity<Gives<{ readonly id: bigint }>>(stack, 'A', { entry });
// @ts-expect-error a method is a function
new Activity<Gives<Money>>(stack, 'A', { entry });
// @ts-expect-error a callback
new Activity<Takes<{ readonly done: () => void }>>(stack, 'A', { entry });
// @ts-expect-error bytes
new Activity<Gives<Buffer>>(stack, 'A', { entry });
// @ts-expect-error a symbol
new Activity<Gives<{ readonly sign: symbol }>>(stack, 'A', { entry });
// @ts-expect-error an error arrives as {}
new Activity<Gives<{ readonly error: Error }>>(stack, 'A', { entry });
// @ts-expect-error a field that is never there
new Activity<Gives<{ readonly gone: undefined }>>(stack, 'A', { entry });
// @ts-expect-error undefined in a list arrives as null
new Activity<Gives<readonly (string | undefined)[]>>(stack, 'A', { entry });
// @ts-expect-error in a record
new Activity<Gives<Record<string, Date>>>(stack, 'A', { entry });
// @ts-expect-error in a tuple
new Activity<Gives<readonly [string, Date]>>(stack, 'A', { entry });
// @ts-expect-error in one of a union's members
new Activity<Gives<{ readonly kind: 'a' } | { readonly kind: 'b'; readonly at: Date }>>(stack, 'A', { entry });

// --- Accepted.
new Activity(stack, 'A', { entry });
new Activity<Takes<unknown>>(stack, 'A', { entry });
// biome-ignore lint/suspicious/noExplicitAny: untyped handlers are allowed
new Activity<Takes<any>>(stack, 'A', { entry });
new Activity<Gives<void>>(stack, 'A', { entry });
new Activity<Gives<undefined>>(stack, 'A', { entry });
new Activity<Gives<never>>(stack, 'A', { entry });
new Activity<Takes<WithoutIndex>>(stack, 'A', { entry });
new Activity<Takes<{ readonly level: Level; readonly kind: Kind; readonly text: `order-${number}` }>>(stack, 'A', { entry });
new Activity<Takes<readonly [string, number?]>>(stack, 'A', { entry });
new Activity<Takes<{ readonly kind: 'a'; readonly b?: undefined } | { readonly kind: 'b'; readonly b: string }>>(stack, 'A', { entry });
new Activity<<T>(event: { readonly item: T }) => Promise<T>>(stack, 'A', { entry });
new Activity<Takes<string & { readonly __brand: 'id' }>>(stack, 'A', { entry });
const anyJson = new Activity<(event: Json) => Promise<Json>>(stack, 'Json', { entry });
const anyMutable = new Activity<(event: MutableJson) => Promise<MutableJson>>(stack, 'MutableJson', { entry });
const tree = new Activity<(event: Tree) => Promise<Tree>>(stack, 'Tree', { entry });
flow<Json>().step('a', anyJson).step('b', anyJson, ({ a }) => a);
flow<{ readonly any: Json }>().step('a', anyMutable, ({ input }) => input.any).step('b', anyJson);
flow<Tree>().step('a', tree).step('b', tree, ({ a }) => ({ name: 'root', children: [a, { name: 'leaf', children: [] }] }));

// Data is copied: a readonly list goes where a handler takes one that it may change, with a mapping and without, nested too.
const names = new Activity<Gives<readonly string[]>>(stack, 'Names', { entry });
const sort = new Activity<(event: string[]) => Promise<string[]>>(stack, 'Sort', { entry });
const sortIn = new Activity<(event: { lists: { names: string[] }[]; pair: [string, number] }) => Promise<void>>(stack, 'SortIn', { entry });
flow<unknown>().step('names', names).step('sorted', sort).step('again', sort, ({ names }) => names);
flow<{ readonly lists: readonly { readonly names: readonly string[] }[]; readonly pair: readonly [string, number] }>().step('all', sortIn);
flow<{ readonly pair: readonly [string, number] }>()
  .step('names', names)
  .step('all', sortIn, ({ input, names }) => ({ lists: [{ names }], pair: input.pair }));
flow<unknown>().step('names', names).step('all', fanOutFanIn({ items: ({ names }) => [names, names], each: sort }));
new Chain(stack, 'C', { hub, steps: [names, sort] });
// A type without a list that may be changed keeps its name.
proved<Equal<typeof sort extends Step<infer I, infer _O> ? I : never, readonly string[]>>();
proved<Equal<Activity<Takes<WithoutIndex>> extends Step<infer I, infer _O> ? I : never, WithoutIndex>>();
// @ts-expect-error a list of numbers is no list of names
flow<{ readonly numbers: readonly number[] }>().step('sorted', sort, ({ input }) => input.numbers);
// @ts-expect-error a pair is no list of three
flow<{ readonly list: readonly string[] }>().step('all', sortIn, ({ input }) => ({ lists: [], pair: input.list }));

// Enums, literals and tuples go through.
const level = new Activity<Takes<{ readonly level: Level; readonly kind: Kind }>>(stack, 'Level', { entry });
flow<{ readonly level: Level; readonly kind: Kind }>().step('l', level).step('m', level, ({ input }) => ({ level: Level.High, kind: input.kind }));
flow<{ readonly pair: readonly [string, number] }>().output(({ input }) => ({ first: input.pair[0], text: expr<string>`${input.pair[0]}` }));
flow<{ readonly note?: string }>().output(({ input }) => ({ note: orElse(input.note, null) }));

// A union is narrowed by the member that tells its alternatives apart.
type Payment = { readonly kind: 'card'; readonly number: string } | { readonly kind: 'cash'; readonly amount: number };
const chargeCard = new Activity<Takes<{ readonly number: string }>>(stack, 'ChargeCard', { entry });
const takePayment = new Activity<Takes<Payment>>(stack, 'TakePayment', { entry });
flow<{ readonly payment: Payment }>().choose({
  when: ({ input }) => matches(input.payment, { kind: 'card' }),
  then: (f) => f.step('charge', chargeCard, ({ input }) => ({ number: narrow(input.payment, { kind: 'card' }).number })),
  otherwise: (f) => f.step('take', takePayment, ({ input }) => input.payment),
});
flow<{ readonly payment: Payment }>().step('charge', chargeCard, ({ input }) => narrow(input.payment, { kind: 'card' }));
// @ts-expect-error cash has no number
flow<{ readonly payment: Payment }>().step('charge', chargeCard, ({ input }) => narrow(input.payment, { kind: 'cash' }));
// @ts-expect-error there is no such kind
flow<{ readonly payment: Payment }>().output(({ input }) => matches(input.payment, { kind: 'cheque' }));
