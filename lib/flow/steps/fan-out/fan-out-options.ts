import type { PartialResult, StoredResults } from '../../../contract/stored-results.js';
import type { Checks } from '../../../options/check-options.js';
import {
  ANY_TEXT,
  ANYTHING,
  CALLBACK,
  either,
  fromScope,
  listOf,
  named,
  needed,
  number,
  oneOf,
  options,
  STEP,
  text,
  whenHas,
  whole,
} from '../../../options/kinds.js';
import type { AnyStep, OutputOf, Step } from '../../compiler/step.js';
import type { AnyMapping } from '../../language/expression.js';
import type { Expr, Ref, Resolvable } from '../../language/reference.js';
import type { Resolved } from '../../language/resolved.js';
import type { Shape } from '../../language/shape.js';
import { BUCKET, type Bucket } from './bucket.js';

/** What a callback may give as the items of a fan-out: a reference to a list, or a list with references in it. */
export type ItemList = Expr<readonly unknown[]> | readonly unknown[];

/** The type of an item of such a list. */
export type ItemOf<List> = List extends readonly (infer Element)[]
  ? Resolved<Element>
  : List extends Expr<infer V>
    ? V extends readonly (infer Element)[]
      ? Element
      : never
    : never;

/** Items that are read from Amazon S3; for distributed fan-outs only. */
export interface StoredItems<S, Item> {
  /** `csv`, `json` (an array) and `jsonl` (JSON Lines) read one object; `objects` lists the objects under a prefix. */
  readonly format: 'csv' | 'json' | 'jsonl' | 'objects';
  readonly bucket: Bucket;
  /** The object's key; for `objects`, the prefix. */
  readonly key: string | ((scope: S) => Resolvable<string>);
  /** The type of an item, as {@link shape}: a CSV row is an object of texts, a listed object has `Key`, `Size`, … */
  readonly holds: Shape<Item>;
  /** CSV: the names of the columns. @default - the first row has them */
  readonly headers?: readonly string[];
  /** CSV: what separates columns. @default ',' */
  readonly delimiter?: ',' | ';' | '|' | '\t' | ' ';
  /** Only so many items are read. @default - all */
  readonly maxItems?: number;
}

/** Which failures of single items a fan-out survives. */
export type ToleratedFailures = 'all' | { readonly count: number } | { readonly percentage: number };

/** How the items of a distributed fan-out are grouped. */
export interface BatchOptions {
  /** How many items one child execution gets, at most. */
  readonly maxItems?: number;
  /** How many bytes of JSON one child execution gets, at most 262,144. */
  readonly maxBytes?: number;
  /** How many items of a batch are processed at once, 40 at most. @default 40 */
  readonly concurrency?: number;
}

/** Where a distributed fan-out writes its results. */
export interface ResultsTo<S> {
  /** A bucket in the account and region of the state machine. */
  readonly bucket: Bucket;
  /** The folder in the bucket; each run has a folder of its own in it. @default - none */
  readonly prefix?: string | ((scope: S) => Resolvable<string>);
}

/** How a fan-out runs. */
export interface FanOutMode<Tolerated, Stored> {
  /**
   * How many items are processed at once. Inline: up to 40, which is what Step Functions runs at most. Distributed: up to 10,000; mind the account's Lambda concurrency.
   * @default - inline 40, distributed 100
   */
  readonly maxConcurrency?: number;
  /**
   * `inline` runs the items inside this execution: at most some thousand items, 40 at once. `distributed` runs each (or each batch) as a child execution: millions of
   * items, thousands at once; it is implied by batches, stored items and stored results.
   * @default 'inline'
   */
  readonly mode?: 'inline' | 'distributed';
  /**
   * Failures of single items that don't fail the fan-out: it then gives `{ succeeded, failed }`. Beyond the bound it fails with `States.ExceedToleratedFailureThreshold`.
   * @default - the first failing item fails the fan-out
   */
  readonly toleratedFailures?: Tolerated;
  /** Distributed: several items for one child execution, which saves time and transitions. `each` still gets one item. @default - an execution for each item */
  readonly batch?: BatchOptions;
  /**
   * Distributed: results go to Amazon S3, and what comes out is a pointer, so that they may exceed 256 KiB. A function reads them with `readResults` of
   * `durable-steps/client`; grant it with `bucket.grantRead(activity.function)`.
   * @default - results are the state's output, 256 KiB in total
   */
  readonly resultsTo?: Stored;
  /** Distributed: what runs the items. Express children cost less, last 5 minutes at most, and can't wait for callbacks or sub-orchestrations. @default 'standard' */
  readonly children?: 'standard' | 'express';
}

const STORED: Checks<StoredItems<never, unknown>> = {
  format: needed(oneOf('csv', 'json', 'jsonl', 'objects')),
  bucket: needed(BUCKET),
  key: needed(fromScope(named('the key of an object, or a prefix', ANY_TEXT))),
  holds: ANYTHING,
  headers: listOf(text('the name of a column')),
  delimiter: oneOf(',', ';', '|', '\t', ' '),
  maxItems: whole(1, 100_000_000),
};

const BATCH: Checks<BatchOptions> = {
  maxItems: whole(1, 100_000_000),
  maxBytes: whole(1, 262_144),
  concurrency: whole(1, 40),
};

/** How many there may be depends on the mode. */
const ANY_NUMBER = number(Number.NEGATIVE_INFINITY);

/** What the options of a fan-out take; how they fit together is looked at where it stands. */
export const FAN_OUT: Checks<FanOut> = {
  items: either(named('a callback that gives a list', CALLBACK), named('what to read from Amazon S3', options(STORED))),
  each: needed(STEP),
  input: CALLBACK,
  aggregate: STEP,
  maxConcurrency: ANY_NUMBER,
  mode: oneOf('inline', 'distributed'),
  toleratedFailures: either(
    oneOf('all'),
    named('`{ count }`', whenHas('count', { count: needed(whole(0)) })),
    named('`{ percentage }`', whenHas('percentage', { percentage: needed(number(0, 100)) })),
  ),
  batch: options(BATCH),
  resultsTo: options({ bucket: needed(BUCKET), prefix: fromScope(named('a folder', ANY_TEXT)) }),
  children: oneOf('standard', 'express'),
};

/** What a fan-out gives before it is aggregated. */
export type Gathered<Out, Tolerated, Stored> = [Stored] extends [undefined]
  ? [Tolerated] extends [undefined]
    ? readonly Out[]
    : PartialResult<Out>
  : StoredResults<Out>;

/** What a fan-out gives. */
export type FannedIn<Out, Tolerated, Stored, Aggregate> = [Aggregate] extends [undefined]
  ? Gathered<Out, Tolerated, Stored>
  : OutputOf<Aggregate>;

/** The step behind a fan-out. */
export interface AggregateOption<Out, Tolerated, Stored, Aggregate> {
  /**
   * Fans in: takes what all items gave, and its output is the fan-out's. It gets the list of results, `{ succeeded, failed }` where failures are tolerated, or a
   * {@link StoredResults} pointer where results are stored.
   * @default - the results themselves
   */
  readonly aggregate?: Aggregate & (Step<Gathered<Out, Tolerated, Stored>, unknown> | undefined);
}

/** A fan-out over items that the flow around has. */
export interface FanOutProps<S, Item, List, EachIn, EachOut, Tolerated, Stored, Aggregate>
  extends FanOutMode<Tolerated, Stored>,
    AggregateOption<EachOut, Tolerated, Stored, Aggregate> {
  /** The items: a callback that gives a list, or what to read from Amazon S3. */
  readonly items: ((scope: S) => List) | StoredItems<S, Item>;
  /** What is done with each item: an activity, an orchestration, a flow. */
  readonly each: Step<EachIn, EachOut>;
  /**
   * Makes the input of `each` from an item and the results of the flow around; `index` counts from 0.
   * @default - the item itself
   */
  readonly input?: (
    item: Ref<ItemList extends List ? Item : ItemOf<List>>,
    scope: S,
    index: Expr<number>,
  ) => Resolvable<EachIn>;
}

/** A fan-out over the last result, which is a list of what `each` takes. */
export interface PlainFanOutProps<EachIn, EachOut, Tolerated, Stored, Aggregate>
  extends FanOutMode<Tolerated, Stored>,
    AggregateOption<EachOut, Tolerated, Stored, Aggregate> {
  readonly each: Step<EachIn, EachOut>;
  readonly items?: never;
  readonly input?: never;
}

/** Wants `input` where an item doesn't fit `each` as it is. */
export type InputNeeded<Item, List, EachIn> = [ItemList extends List ? Item : ItemOf<List>] extends [EachIn]
  ? unknown
  : unknown extends (ItemList extends List ? Item : never)
    ? unknown
    : { readonly input: unknown };

// biome-ignore lint/suspicious/noExplicitAny: the callbacks' own types were checked where the flow was written
type AnyScope = any;

/** The options with their types erased, as the compilation sees them. */
export interface FanOut extends Omit<FanOutMode<unknown, unknown>, 'toleratedFailures' | 'resultsTo'> {
  readonly items?: AnyMapping | StoredItems<AnyScope, unknown>;
  readonly each: AnyStep;
  readonly input?: (item: AnyScope, scope: AnyScope, index: Expr<number>) => unknown;
  readonly aggregate?: AnyStep | undefined;
  readonly toleratedFailures?: ToleratedFailures | undefined;
  readonly resultsTo?: ResultsTo<AnyScope> | undefined;
}
