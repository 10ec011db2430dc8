import { isJsonObject, type Json, tryParseJson } from '../../asl/language/json.js';
import { DurableStepsError } from '../../errors.js';
import type { FunctionCall } from '../../local/functions/local-functions.js';
import type { WorkerOutcome } from '../../local/functions/worker.js';
import { jsonTextOf } from '../json-text.js';
import { failWith, type InjectedError, stubFailure } from './activity-error.js';

/** One call of an activity. */
export interface ActivityCall<I = unknown, O = unknown> {
  readonly input: I;
  /** What it gave; undefined while it runs and when it failed. */
  readonly output?: O;
  /** How it failed, by the name and message that Retry and Catch see. */
  readonly error?: { readonly name: string; readonly message: string };
  /** The environment's time when it was called. */
  readonly at: Date;
  /** The same for every attempt at the same step of the same instance. */
  readonly idempotencyKey?: string;
  /** What it printed. */
  readonly log: string;
}

/** What a stub is told about the call besides its input. */
export interface StubContext {
  /** The number of this call since the environment began or was reset, from 1. */
  readonly call: number;
  readonly idempotencyKey: string | undefined;
}

/** A function in the place of an activity's code. It may throw, as the activity may. */
export type Stub<I, O> = (input: I, context: StubContext) => O | Promise<O>;

/** A failure for some calls: those it answers to. */
interface Failure {
  readonly applies: (call: number) => boolean;
  readonly error: InjectedError;
}

type MutableCall<I, O> = { -readonly [Name in keyof ActivityCall<I, O>]: ActivityCall<I, O>[Name] };

/**
 * An activity as the test sees it: its calls, and what answers them. Without a stub its own bundled code does.
 *
 * @example
 * const charge = env.activity(stack.charge);
 * charge.failOnCall(1, new CardDeclined('no'));
 * await instance.completed();
 * expect(charge.inputs).toEqual([{ total: 40 }, { total: 40 }]);
 */
export class ActivityDouble<I = unknown, O = unknown> {
  private readonly recorded: MutableCall<I, O>[] = [];
  private stubbed: Stub<I, O> | undefined;
  private readonly failures: Failure[] = [];

  constructor(
    /** The construct path of the function. */
    readonly path: string,
    private readonly now: () => number,
  ) {}

  /** Every call, in order. */
  get calls(): readonly ActivityCall<I, O>[] {
    return this.recorded;
  }

  /** How often it was called. */
  get callCount(): number {
    return this.recorded.length;
  }

  /** The input of each call, in order. */
  get inputs(): readonly I[] {
    return this.recorded.map(({ input }) => input);
  }

  /** Answers every call in place of the code: by a function of the input, which may throw. No thread is started. */
  stub(stub: Stub<I, O>): this {
    this.stubbed = stub;
    return this;
  }

  /** Answers every call with the same output. */
  returns(output: O): this {
    return this.stub(() => output);
  }

  /** Answers the calls with these outputs in turn; the last one stays. */
  returnsInTurn(first: O, ...others: readonly O[]): this {
    const outputs = [first, ...others];
    const begin = this.callCount;
    return this.stub((_input, { call }) => outputs[Math.min(call - begin, outputs.length) - 1] ?? first);
  }

  /** Fails every call. */
  fails(error: InjectedError): this {
    return this.addFailure(() => true, error);
  }

  /** Fails the n-th call since the environment began or was reset (from 1), whether stubbed or not; the others run. */
  failOnCall(call: number, error: InjectedError): this {
    return this.failOnCalls(call, call, error);
  }

  /** Fails the calls from the first to the last, both included. */
  failOnCalls(first: number, last: number, error: InjectedError): this {
    if (!Number.isInteger(first) || first < 1 || last < first) {
      throw new DurableStepsError('InvalidOption', {
        where: `${this.path}.failOnCall`,
        expected: 'the number of a call, from 1',
        got: first === last ? `\`${first}\`` : `\`${first}\` to \`${last}\``,
      });
    }
    return this.addFailure((call) => call >= first && call <= last, error);
  }

  /** Forgets stub and failures: the activity's own code answers again. Its calls stay on record. */
  restore(): this {
    this.stubbed = undefined;
    this.failures.length = 0;
    return this;
  }

  /** Forgets stub, failures and calls; calls are counted from 1 again. */
  reset(): this {
    this.recorded.length = 0;
    return this.restore();
  }

  /** @internal Notes a call; answers it unless the code is to run. */
  begin(call: FunctionCall): { readonly finish: Finish; readonly answer: Promise<WorkerOutcome> | undefined } {
    const idempotencyKey = readKey(call.clientContext);
    const record: MutableCall<I, O> = {
      input: tryParseJson(call.payload) as I,
      at: new Date(this.now()),
      log: '',
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
    const number = this.recorded.push(record);
    return {
      finish: (payload, failed, log) => finish(record, payload, failed, log),
      answer: this.answer(record, number),
    };
  }

  private answer(record: MutableCall<I, O>, call: number): Promise<WorkerOutcome> | undefined {
    const failure = this.failures.find(({ applies }) => applies(call));
    if (failure !== undefined) return refuse(record, failure.error);
    const stub = this.stubbed;
    return stub === undefined ? undefined : runStub(stub, record, call);
  }

  private addFailure(applies: Failure['applies'], error: InjectedError): this {
    this.failures.push({ applies, error });
    return this;
  }
}

type Finish = (payload: string, failed: boolean, log: string) => void;

/** A failure of Lambda itself has no result that could be noted later, so it is noted here. */
async function refuse<I, O>(record: MutableCall<I, O>, error: InjectedError): Promise<WorkerOutcome> {
  const { name, message = '' } = typeof error === 'string' ? { name: error } : error;
  record.error = { name, message };
  return failWith(error);
}

async function runStub<I, O>(stub: Stub<I, O>, record: MutableCall<I, O>, call: number): Promise<WorkerOutcome> {
  try {
    const output = await stub(record.input, { call, idempotencyKey: record.idempotencyKey });
    return { payload: jsonTextOf('the result of a stub', output) };
  } catch (error) {
    return stubFailure(error);
  }
}

function finish<I, O>(record: MutableCall<I, O>, payload: string, failed: boolean, log: string): void {
  const value = tryParseJson(payload) ?? null;
  record.log = log;
  if (failed) record.error = readError(value);
  else record.output = value as O;
}

function readError(value: Json): { readonly name: string; readonly message: string } {
  const { errorType = 'Error', errorMessage = '' } = isJsonObject(value) ? value : {};
  return { name: String(errorType), message: String(errorMessage) };
}

function readKey(clientContext: unknown): string | undefined {
  if (typeof clientContext !== 'object' || clientContext === null) return undefined;
  const key = 'idempotencyKey' in clientContext ? clientContext.idempotencyKey : undefined;
  return typeof key === 'string' ? key : undefined;
}
