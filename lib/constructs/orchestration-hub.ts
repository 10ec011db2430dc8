import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';

/** What an orchestration needs of its hub; `TaskHub` is the one that there is. */
export interface OrchestrationHub {
  /** The table with the instances' records. */
  readonly table: dynamodb.ITable;
  /** Makes an orchestration's instances known to the hub. Called by the orchestration. */
  addOrchestration(orchestration: { readonly name: string; readonly stateMachine: sfn.StateMachine }): void;
}
