import { Duration, Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** A queue in which lies what a consumer of events or messages could not take, and the consumer. */
export interface DeadLetters {
  readonly queue: sqs.Queue;
  readonly consumer: Construct;
}

type Watcher = (letters: DeadLetters) => void;

/** What the kit's consumers of a stack have, and who wants to know of the next. */
const STACKS = new WeakMap<Stack, { readonly all: DeadLetters[]; readonly watchers: Watcher[] }>();

/** A dead-letter queue of the kit's own: encrypted, and with two weeks to look into it, the most that there is. */
export function deadLetters(scope: Construct, id: string): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    retentionPeriod: Duration.days(14),
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  noteDeadLetters({ queue, consumer: scope });
  return queue;
}

/** Tells those who watch a stack of a consumer's dead-letter queue. */
export function noteDeadLetters(letters: DeadLetters): void {
  const { all, watchers } = ofStack(letters.consumer);
  all.push(letters);
  for (const watch of watchers) watch(letters);
}

/** Calls back for each dead-letter queue that the kit's consumers in the construct's stack have, also for those that are yet to come. */
export function watchDeadLetters(scope: Construct, watch: Watcher): void {
  const { all, watchers } = ofStack(scope);
  watchers.push(watch);
  all.forEach(watch);
}

function ofStack(scope: Construct) {
  const stack = Stack.of(scope);
  const known = STACKS.get(stack) ?? { all: [], watchers: [] };
  STACKS.set(stack, known);
  return known;
}
