import { Duration, Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import type { StarterSettings } from '../../contract/starter.js';
import { DurableStepsError } from '../../errors.js';
import type { Checks, Kind } from '../../options/check-options.js';
import { CALLBACK, like, needed } from '../../options/kinds.js';
import { acknowledgeWildcards } from '../acknowledge.js';
import { hubFunction } from '../hub/hub-function.js';
import { TABLE_ACTIONS } from '../hub/table-grants.js';
import { TaskHub } from '../hub/task-hub.js';
import type { Orchestration } from '../orchestration.js';
import { type EventMapping, type IdMapping, renderMapping } from './event-mapping.js';

/** What every starter has. */
export interface StarterProps<Event, Input> {
  /** The orchestration to start; it has a hub. */
  readonly orchestration: Orchestration<Input, unknown>;
  /** Makes the orchestration's input of the event. */
  readonly input: EventMapping<Event, Input>;
}

/** What every starter takes. */
export const STARTER: Checks<StarterProps<never, never>> & { readonly instanceId: Kind } = {
  orchestration: needed(like('an orchestration', 'stateMachine')),
  input: needed(CALLBACK),
  instanceId: CALLBACK,
};

/** How a starter's function is made. */
export interface StarterFunctionProps<Event> {
  readonly source: StarterSettings['source'];
  readonly orchestration: Orchestration<never, unknown>;
  readonly input: (event: never) => unknown;
  readonly instanceId: IdMapping<Event>;
  /** @default - failed events go nowhere: the source keeps them */
  readonly deadLetterQueue?: sqs.Queue;
}

/** The function of a starter: it starts one instance for each event, under an id made of the event. */
export function starterFunction<Event>(scope: Construct, props: StarterFunctionProps<Event>): lambda.Function {
  const { orchestration } = props;
  acknowledgeWildcards(scope);
  const hub = hubOf(scope, orchestration);
  const settings: StarterSettings = {
    source: props.source,
    orchestration: hub.nameOf(orchestration.stateMachine),
    instanceId: renderMapping<Event>(`${scope.node.path}.instanceId`, props.instanceId),
    input: renderMapping(`${scope.node.path}.input`, props.input as (event: unknown) => unknown),
  };
  const fn = hubFunction(scope, 'Start', {
    entry: 'start-from-event',
    description: `Starts ${settings.orchestration} for an event`,
    environment: {
      [HUB_ENVIRONMENT.starter]: Stack.of(scope).toJsonString(settings),
    },
    timeout: Duration.seconds(30),
    ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
  });
  hub.introduce(fn, { [settings.orchestration]: orchestration });
  hub.grantTable(fn, TABLE_ACTIONS.start);
  const actions = {
    machine: ['states:StartExecution'],
    execution: ['states:DescribeExecution', 'states:StopExecution'],
  };
  hub.grantMachines(fn, actions, [orchestration.stateMachine]);
  return fn;
}

function hubOf(scope: Construct, orchestration: Orchestration<never, unknown>): TaskHub {
  if (orchestration.hub instanceof TaskHub) return orchestration.hub;
  throw new DurableStepsError('NoHub', {
    where: `${scope.node.path}.orchestration`,
    expected: 'an orchestration with a task hub, which makes starting repeatable',
    got: `\`${orchestration.node.path}\` without one`,
    fix: 'give it the option `hub`',
  });
}
