import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { AwaitedKind } from '../../flow/compiler/compilation.js';

/** What an orchestration needs of its hub; `TaskHub` is the one that there is. */
export interface OrchestrationHub {
  /** The table with the instances' records. */
  readonly table: dynamodb.ITable;
  /** The function that waits for events are registered with. */
  readonly awaitEventFunction: lambda.IFunction;
  /** The function that asks for approvals. @default - the hub has no mail: approvals are refused */
  readonly askApprovalFunction?: lambda.IFunction | undefined;
  /** Makes an orchestration's instances known to the hub. Called by the orchestration. */
  addOrchestration(orchestration: {
    readonly name: string;
    readonly stateMachine: sfn.StateMachine;
    readonly waitsFor?: readonly AwaitedKind[];
  }): void;
  /** The name of a state machine that was added, known at synthesis. */
  machineNameOf(stateMachine: sfn.IStateMachine): string;
}
