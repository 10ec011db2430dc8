import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi, type AsyncHttpApiProps } from '../../lib/constructs/api/async-http-api.js';
import { executionsArn } from '../../lib/constructs/hub/machine-names.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';

type States = Readonly<Record<string, object>>;

/**
 * The app that the HTTP contract is tested with: one small machine for each way an instance can go.
 *
 * - `echo` writes a custom status and completes with its input
 * - `failing` fails in a state that says so
 * - `stuck` fails in a state that may do better another time
 * - `waiter` waits for the event `go` and completes with its payload
 * - `parent` runs a waiter as a sub-orchestration
 * - `eternal` goes on as a new execution each second
 */
export function makeContractApp(outdir: string, throttle?: AsyncHttpApiProps['throttle']): App {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Contract');
  // Soon, so that the contract also holds where no status events are sent.
  const hub = new TaskHub(stack, 'Hub', { removalPolicy: RemovalPolicy.DESTROY, healAfter: Duration.seconds(1) });
  const waiter = makeMachine(stack, hub, 'Waiter', 'Wait', { Wait: waitForGo(hub) });
  hub.awaitEventFunction.grantInvoke(waiter);
  const echo = makeMachine(stack, hub, 'Echo', 'Show', {
    Show: { ...updateStatus(hub, 'echoing'), Next: 'Answer' },
    Answer: { Type: 'Pass', Output: { echo: '{% $states.context.Execution.Input %}' }, End: true },
  });
  hub.grantCustomStatus(echo);
  const failing = makeMachine(stack, hub, 'Failing', 'Break', {
    Break: { Type: 'Fail', Error: 'Broken', Cause: 'it broke' },
  });
  const stuck = makeMachine(stack, hub, 'Stuck', 'Read', {
    Read: { Type: 'Pass', Output: '{% $parse($string($states.input)).missing %}', End: true },
  });
  const api = new AsyncHttpApi(stack, 'Api', {
    hub,
    auth: ApiAuth.none(),
    ...(throttle === undefined ? {} : { throttle }),
    orchestrations: {
      echo: { orchestration: { stateMachine: echo }, description: 'Completes with its input.' },
      failing: { stateMachine: failing },
      stuck: { stateMachine: stuck },
      waiter: { stateMachine: waiter },
      parent: { stateMachine: makeParent(stack, hub, waiter) },
      eternal: { stateMachine: makeEternal(stack, hub) },
    },
  });
  new CfnOutput(stack, 'ApiUrl', { value: api.url });
  return app;
}

function makeMachine(stack: Stack, hub: TaskHub, id: string, StartAt: string, States: States): sfn.StateMachine {
  const stateMachine = new sfn.StateMachine(stack, id, {
    definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString({ QueryLanguage: 'JSONata', StartAt, States })),
  });
  hub.addOrchestration({ name: id, stateMachine });
  return stateMachine;
}

function waitForGo(hub: TaskHub): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: {
      FunctionName: hub.awaitEventFunction.functionArn,
      Payload: {
        taskToken: '{% $states.context.Task.Token %}',
        instanceKey: '{% $states.context.Execution.Name %}',
        wait: 'Wait',
        name: 'go',
        enteredAt: '{% $states.context.State.EnteredTime %}',
        timeoutSeconds: 600,
      },
    },
    TimeoutSeconds: 600,
    Output: '{% $states.result %}',
    End: true,
  };
}

function updateStatus(hub: TaskHub, status: string): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:updateItem',
    Arguments: {
      TableName: hub.table.tableName,
      Key: {
        pk: { S: "{% 'instance#' & $substringBefore($states.context.Execution.Name, '..') %}" },
        sk: { S: 'record' },
      },
      UpdateExpression: 'SET customStatus = :status',
      ExpressionAttributeValues: { ':status': { S: JSON.stringify(status) } },
    },
    Output: '{% $states.input %}',
  };
}

function makeParent(stack: Stack, hub: TaskHub, child: sfn.StateMachine): sfn.StateMachine {
  const parent = makeMachine(stack, hub, 'Parent', 'Child', {
    Child: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: {
        StateMachineArn: child.stateMachineArn,
        Name: "{% $states.context.Execution.Name & '.child' %}",
        Input: {},
      },
      Output: '{% $states.result.Output %}',
      End: true,
    },
  });
  const grant = (actions: string[], resources: string[]) =>
    parent.addToRolePolicy(new iam.PolicyStatement({ actions, resources }));
  grant(['states:StartExecution'], [child.stateMachineArn]);
  grant(['states:DescribeExecution', 'states:StopExecution'], [executionsArn(stack, hub.machineNameOf(child))]);
  grant(
    ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    [
      stack.formatArn({
        service: 'events',
        resource: 'rule',
        resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
      }),
    ],
  );
  return parent;
}

function makeEternal(stack: Stack, hub: TaskHub): sfn.StateMachine {
  const generation =
    "($at := $length($substringBefore($states.context.Execution.Name, '..')); $at = $length($states.context.Execution.Name) ? 2 : $number($substringAfter($states.context.Execution.Name, '..')) + 1)";
  const eternal = makeMachine(stack, hub, 'Eternal', 'Rest', {
    Rest: { Type: 'Wait', Seconds: 1, Next: 'Again' },
    Again: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Arguments: {
        StateMachineArn: '{% $states.context.StateMachine.Id %}',
        Name: `{% $substringBefore($states.context.Execution.Name, '..') & '..' & $string(${generation}) %}`,
        Input: { count: '{% $states.input.count + 1 %}' },
      },
      Output: { continuedAsNew: `{% ${generation} %}` },
      End: true,
    },
  });
  new iam.Policy(stack, 'EternalSelf', {
    roles: [eternal.role],
    statements: [new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [eternal.stateMachineArn] })],
  });
  return eternal;
}
