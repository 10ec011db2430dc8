import { tryParseExactJson } from '../../../asl/language/exact-json.js';
import { isJsonObject, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import { ApiError } from '../../../engine/model/api-errors.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../../errors.js';
import { type Caller, type Cloud, ServiceError } from '../../cloud/service.js';
import { sqsOf } from '../sqs/service.js';

/** Where something is delivered, and what happens when it can't be. */
export interface DeliveryTarget {
  readonly arn: string;
  readonly messageGroupId?: string;
  readonly deadLetterArn?: string;
  /** How often a delivery that failed for a passing reason is tried again. */
  readonly maxRetries: number;
  /** For how long, in milliseconds. */
  readonly maxAge: number;
}

/** One thing to deliver. */
export interface Parcel {
  /** JSON text; rendered anew for each attempt, counted from 1. */
  readonly payload: (attempt: number) => string;
  readonly caller: Caller;
  /** The rule, schedule, topic or bucket behind it: `aws:SourceArn`. */
  readonly sourceArn: string;
  /** For messages of a person who reads the dead letters. */
  readonly sourceName: string;
}

/** Reasons that pass by themselves. */
const PASSING = new Set([
  'TooManyRequestsException',
  'ThrottlingException',
  'ServiceUnavailable',
  'ExecutionLimitExceeded',
]);
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/** Why a target can't be delivered to; undefined when it can. */
function refusalOfTarget(arn: string): string | undefined {
  return kindOf(arn) === undefined ? 'a Lambda function, a state machine, an SQS queue or an SNS topic' : undefined;
}

/** Throws a `DurableStepsError` when the target can't be delivered to. */
export function checkTarget(arn: string, where: string): void {
  const expected = refusalOfTarget(arn);
  if (expected !== undefined)
    throw new DurableStepsError('UnsupportedResource', { where, expected, got: `\`${arn}\``, fix: LEAVE_OUT_LOCALLY });
}

/**
 * Delivers to functions, state machines, queues and topics as EventBridge does: under the caller's role or the target's own policy, with retries for reasons that
 * pass, and the dead-letter queue, or else a warning at the terminal, for what failed for good. Never rejects; runs as a call in flight.
 */
export class TargetDelivery {
  constructor(private readonly cloud: Cloud) {}

  send(target: DeliveryTarget, parcel: Parcel): void {
    this.attempt(target, parcel, 1, this.cloud.clock.now());
  }

  private attempt(target: DeliveryTarget, parcel: Parcel, attempt: number, since: number): void {
    const { clock } = this.cloud;
    const payload = parcel.payload(attempt);
    const done = Promise.resolve().then(async () => {
      try {
        await this.deliver(target, parcel, payload);
      } catch (error) {
        if (!(error instanceof ServiceError) && !(error instanceof ApiError)) throw error;
        const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
        const mayRetry = attempt <= target.maxRetries && clock.now() + wait - since <= target.maxAge;
        if (PASSING.has(error.name) && mayRetry)
          clock.at(clock.now() + wait, () => this.attempt(target, parcel, attempt + 1, since));
        else this.giveUp(target, parcel, payload, error);
      }
    });
    clock.track(done.catch((error: unknown) => this.cloud.warn(`${parcel.sourceName}: ${String(error)}`)));
  }

  private async deliver(
    { arn, messageGroupId }: DeliveryTarget,
    { caller, sourceArn }: Parcel,
    payload: string,
  ): Promise<void> {
    const context = { 'aws:SourceArn': sourceArn };
    switch (kindOf(arn)) {
      case 'lambda':
        this.cloud.authorize({ caller, action: 'lambda:InvokeFunction', resource: arn, context });
        this.cloud.functions.invokeAsync(arn, { payload });
        return;
      case 'states':
        this.cloud.authorize({ caller, action: 'states:StartExecution', resource: arn, context });
        this.cloud.stepFunctions.startExecution({ stateMachineArn: arn, input: payload });
        return;
      case 'sqs': {
        const group = messageGroupId === undefined ? {} : { groupId: messageGroupId };
        sqsOf(this.cloud).deliver(arn, { body: textOf(payload), ...group }, caller, sourceArn);
        return;
      }
      case 'sns':
        await this.cloud.tryService('sns')?.api?.call('publish', { TopicArn: arn, Message: textOf(payload) }, caller);
        return;
      default:
        throw new ServiceError('UnsupportedTarget', `The local cloud doesn't deliver to ${arn}.`);
    }
  }

  private giveUp({ arn, deadLetterArn }: DeliveryTarget, parcel: Parcel, payload: string, error: Error): void {
    const { caller, sourceArn, sourceName } = parcel;
    const reason = `${sourceName}: delivery to ${arn} failed: ${error.message}`;
    if (deadLetterArn === undefined) {
      this.cloud.warn(reason);
      return;
    }
    const attributes = { ERROR_CODE: error.name, ERROR_MESSAGE: error.message, RULE_ARN: sourceArn, TARGET_ARN: arn };
    try {
      const message = { body: payload, attributes: stringAttributes(attributes) };
      sqsOf(this.cloud).deliver(deadLetterArn, message, caller, sourceArn);
      this.cloud.warn(`${reason} (kept in ${deadLetterArn})`);
    } catch (second) {
      if (!(second instanceof ServiceError)) throw second;
      this.cloud.warn(`${reason}; nor could the dead-letter queue take it: ${second.message}`);
    }
  }
}

function kindOf(arn: string): 'lambda' | 'states' | 'sqs' | 'sns' | undefined {
  const [, , service, , , resource = ''] = arn.split(':');
  if (service === 'lambda' && resource === 'function') return 'lambda';
  if (service === 'states' && resource === 'stateMachine') return 'states';
  return service === 'sqs' || service === 'sns' ? service : undefined;
}

/** A queue gets a JSON string without its quotes. */
function textOf(payload: string): string {
  const value = tryParseJson(payload);
  return typeof value === 'string' ? value : payload;
}

function stringAttributes(values: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

/** Parsed JSON text, if it is an object. */
export function tryObject(text: string): JsonObject | undefined {
  const value = tryParseExactJson(text);
  return isJsonObject(value) ? value : undefined;
}
