import type { Json, JsonObject } from '../../asl/language/json.js';
import type { StatesError } from '../../asl/language/states-error.js';
import type { MapItemContext } from './map-item.js';
import type { TaskIntegration } from './tasks.js';

/**
 * What a state asks for, as data. Handlers return effects; the interpreter alone performs them.
 */
export type Effect =
  | {
      readonly kind: 'exit';
      readonly output: Json;
      readonly assigned?: JsonObject;
      /** The next state; an end has none. */
      readonly next?: string;
      /** Whether a catcher made it. */
      readonly caught?: boolean;
    }
  | { readonly kind: 'fail'; readonly error?: string; readonly cause?: string }
  | { readonly kind: 'wait'; readonly until: number }
  | ({ readonly kind: 'call' } & TaskCall)
  | { readonly kind: 'parallel'; readonly input: Json }
  | { readonly kind: 'map'; readonly plan: MapPlan }
  // What follows from news of outside: the interpreter makes these for itself.
  | { readonly kind: 'again' }
  | { readonly kind: 'resume'; readonly result: Json }
  | { readonly kind: 'raise'; readonly failure: StatesError; readonly fromInside: boolean };

/** A task to be called once. */
export interface TaskCall {
  readonly resource: string;
  readonly integration: TaskIntegration;
  readonly parameters: Json;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  readonly credentials?: JsonObject;
}

/** The items that a Map runs over, and how. What is a function is evaluated after `MapStateStarted` was written, as AWS does. */
export interface MapPlan {
  /** How many items there are; 0 when they have yet to be read. */
  readonly length: number;
  /** How many may run at once; 0 for as many as there can be. */
  readonly maxConcurrency: number;
  /** The iterations of an inline Map. */
  readonly iterations: () => readonly MapIteration[];
  /** What only a distributed Map has. */
  readonly distributed?: DistributedPlan;
}

/** An iteration, or in a distributed Map a child execution, to be run. */
export interface MapIteration {
  readonly input: Json;
  /** `Map.Item` of its context object; a batch has none. */
  readonly item?: MapItemContext;
  /** How many items it stands for. */
  readonly count: number;
}

/** What is particular to a distributed Map. */
export interface DistributedPlan {
  readonly label: string;
  readonly executionType: 'STANDARD' | 'EXPRESS';
  readonly tolerance: () => Tolerance;
  /** Where the items come from, when it is not the state's input. */
  readonly reader?: () => ItemReaderPlan;
  /** Makes iterations of items that were read. */
  readonly plan: (items: readonly MapSourceItem[]) => readonly MapIteration[];
  /** Puts iterations together into batches, when there is an `ItemBatcher`. */
  readonly batch: (iterations: readonly MapIteration[]) => readonly MapIteration[];
  readonly writer?: () => ResultWriterPlan;
}

/** Which failures of items a distributed Map puts up with. */
export interface Tolerance {
  readonly count?: number;
  readonly percentage?: number;
}

/** An item before `ItemSelector` and `ItemBatcher`; a member of a JSON object has a key. */
export interface MapSourceItem {
  readonly value: Json;
  readonly key?: string;
}

/** What an `ItemReader` is to read. */
export interface ItemReaderPlan {
  /** `s3:getObject` or `s3:listObjectsV2`. */
  readonly action: string;
  readonly parameters: JsonObject;
  readonly config: JsonObject;
  readonly maxItems: number;
}

/** Where a `ResultWriter` writes; without a bucket it only shapes the output. */
export interface ResultWriterPlan {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly transformation?: string;
  readonly outputType?: string;
}
