declare const outputType: unique symbol;

/**
 * Where a distributed fan-out wrote its results: a pointer small enough for any state, while the results themselves may have any size. In a Lambda function,
 * `readResults(stored)` of `durable-steps/client` reads them, in the order of the items and with the type that `each` gives.
 */
export interface StoredResults<out Output> {
  /** Only for the compiler: what each item gave. */
  readonly [outputType]?: Output;
  readonly bucket: string;
  /** The key of the manifest, which lists the files with the results. */
  readonly manifest: string;
  /** The ARN of the Map Run. */
  readonly mapRun: string;
}

/** An error as the results of a fan-out tell it. */
export interface ItemError {
  readonly name: string;
  readonly message: string | null;
  readonly stack: string | null;
  readonly cause: string | null;
  /** The state that failed. Null where the result files of Step Functions don't tell. */
  readonly step: string | null;
}

/** An item that was processed. */
export interface SucceededItem<Output> {
  /** The item's place among the items, from 0 on. */
  readonly index: number;
  readonly output: Output;
}

/** An item that failed. */
export interface FailedItem {
  /** The item's place among the items, from 0 on. */
  readonly index: number;
  readonly error: ItemError;
}

/** What a fan-out that tolerates failures gives: both lists are in the order of the items. */
export interface PartialResult<Output> {
  readonly succeeded: readonly SucceededItem<Output>[];
  readonly failed: readonly FailedItem[];
}

/** What an item is wrapped in where it is processed by an execution of its own. */
export interface ItemEnvelope {
  /** Tells the item's processing apart: the parent execution's name, the step and the index. */
  readonly key: string;
  readonly index: number;
  readonly input: unknown;
}

/** What an execution that processes a batch puts out. */
export interface BatchOutput {
  readonly results: readonly unknown[];
}

/** A line of a result file, as Step Functions writes it. Input and Output are JSON texts. */
export interface ResultEntry {
  readonly Input?: string;
  readonly Output?: string;
  readonly Error?: string;
  readonly Cause?: string;
  readonly Status: string;
}

/** The manifest of a result writer. */
export interface ResultManifest {
  readonly DestinationBucket: string;
  readonly ResultFiles: {
    readonly SUCCEEDED?: readonly { readonly Key: string }[];
    readonly FAILED?: readonly { readonly Key: string }[];
    readonly PENDING?: readonly { readonly Key: string }[];
  };
}
