import type { Json } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { checkTarget, type DeliveryTarget } from './delivery.js';
import { type EventMatcher, readEventPattern } from './event-pattern.js';
import { parseSchedule, type Schedule } from './schedule-expression.js';
import type { TargetInput } from './target-input.js';

/** A rule of the template. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  /** The name of its bus. */
  readonly bus: string;
  readonly enabled: boolean;
  readonly matches?: EventMatcher;
  readonly schedule?: Schedule;
  /** The schedule as it is written. */
  readonly expression?: string;
  readonly targets: readonly RuleTarget[];
}

export interface RuleTarget extends DeliveryTarget {
  readonly input: TargetInput;
  readonly roleArn?: string;
}

const DAY_MS = 86_400_000;

/** Reads `AWS::Events::Rule`; refuses targets and settings that the local cloud can't run. */
export function readRule(resource: Resource, start: number): Rule {
  const reader = PropertyReader.of(resource);
  const pattern = reader.tryValue('EventPattern');
  const expression = reader.tryString('ScheduleExpression');
  const arn = resource.attribute('Arn');
  const rule = {
    name: arn.split('/').at(-1) ?? resource.logicalId,
    arn,
    path: resource.path,
    bus: busName(reader.tryString('EventBusName') ?? 'default'),
    enabled: reader.tryString('State') !== 'DISABLED',
    ...(pattern === undefined ? {} : { matches: readEventPattern(pattern as Json, `${resource.path}.EventPattern`) }),
    ...(expression === undefined
      ? {}
      : { expression, schedule: parseSchedule(expression, `${resource.path}.ScheduleExpression`, { start }) }),
    targets: reader.objects('Targets').map(readTarget),
  };
  reader.accept('Name', 'Description', 'RoleArn', 'Tags').finish();
  return rule;
}

/** A bus by name or ARN. */
export function busName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:.*:event-bus\//, '');
}

function readTarget(reader: PropertyReader): RuleTarget {
  const arn = reader.string('Arn');
  checkTarget(arn, `${reader.where}.Arn`);
  const roleArn = reader.tryString('RoleArn');
  const group = reader.tryObject('SqsParameters')?.tryString('MessageGroupId');
  reader.accept('Id');
  return {
    arn,
    input: readInput(reader),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(group === undefined ? {} : { messageGroupId: group }),
    ...readRetries(reader),
  };
}

/** The retry policy and the dead-letter queue of a target: of a rule and of a schedule alike. */
export function readRetries(reader: PropertyReader): Pick<DeliveryTarget, 'deadLetterArn' | 'maxRetries' | 'maxAge'> {
  const policy = reader.tryObject('RetryPolicy');
  const age = policy?.tryNumber('MaximumEventAgeInSeconds');
  const deadLetterArn = reader.tryObject('DeadLetterConfig')?.tryString('Arn');
  return {
    maxRetries: policy?.tryNumber('MaximumRetryAttempts') ?? 185,
    maxAge: age === undefined ? DAY_MS : age * 1000,
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  };
}

function readInput(reader: PropertyReader): TargetInput {
  const text = reader.tryString('Input');
  const path = reader.tryString('InputPath');
  const transformer = reader.tryObject('InputTransformer');
  if (text !== undefined) return { kind: 'constant', text };
  if (path !== undefined) return { kind: 'path', path };
  if (transformer === undefined) return { kind: 'event' };
  const paths = transformer.tryObject('InputPathsMap');
  return {
    kind: 'transformer',
    paths: Object.fromEntries((paths?.names() ?? []).map((name) => [name, paths?.string(name) ?? '$'])),
    template: transformer.string('InputTemplate'),
  };
}
