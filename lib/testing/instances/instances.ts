import { instanceKey } from '../../contract/instance-id.js';
import type { StepFunctions } from '../../engine/service/step-functions.js';
import type { RunningOrchestration } from '../../local/cloud/orchestrations.js';
import { checkAwaited } from '../../local/hubs/awaited-events.js';
import type { HubClients } from '../../local/hubs/hub-clients.js';
import type { Activities } from '../activities/activities.js';
import { jsonTextOf } from '../json-text.js';
import type { TestTime } from '../test-time.js';
import { Instance } from './instance.js';
import type { Recorder } from './recorder.js';

/** What {@link Instances} works with. */
export interface InstancesSurroundings {
  readonly stepFunctions: StepFunctions;
  readonly recorder: Recorder;
  readonly time: TestTime;
  readonly hubs: HubClients;
  readonly activities: Activities;
}

/**
 * The instances of an environment: started and steered through the hub where there is one, as a client of the app would, else through Step Functions. After each action
 * everything settles.
 */
export class Instances {
  private started = 0;

  constructor(private readonly surroundings: InstancesSurroundings) {}

  async start(orchestration: RunningOrchestration, input: unknown, given?: string): Promise<Instance> {
    const { hubs, time, stepFunctions } = this.surroundings;
    const instanceId = given ?? `test-${++this.started}`;
    const hub = hubs.tryConnect(orchestration);
    const text = jsonTextOf(`${instanceId}: input`, input);
    if (hub !== undefined) await hub.client.start(hub.name, input, { instanceId });
    else stepFunctions.startExecution({ ...orchestration, name: instanceKey(instanceId), input: text });
    await time.settle();
    return this.find(orchestration, instanceId);
  }

  /** The instance with this id, whether it is there yet or not. */
  find(orchestration: RunningOrchestration, instanceId: string): Instance {
    const { recorder, time, activities } = this.surroundings;
    const executions = () => recorder.of(orchestration.stateMachineArn, instanceKey(instanceId));
    const steer = async (action: Promise<void>): Promise<void> => {
      await action;
      await time.settle();
    };
    return new Instance(instanceId, orchestration.id, {
      executions,
      tryExecution: (arn) => recorder.tryFind(arn),
      activities: () => activities.all,
      runUntil: (condition, within) => time.runUntil(condition, within),
      raiseEvent: (name, payload) => steer(this.raiseEvent(orchestration, instanceId, name, payload)),
      terminate: (reason) => steer(this.terminate(orchestration, instanceId, reason)),
      rewind: () => steer(this.rewind(orchestration, instanceId)),
    });
  }

  /** All instances of an orchestration, in the order of their start. */
  all(orchestration: RunningOrchestration): readonly Instance[] {
    const keys = this.surroundings.recorder.executions
      .filter(({ stateMachineArn }) => stateMachineArn === orchestration.stateMachineArn)
      .map(({ key }) => key);
    return [...new Set(keys)].map((key) => this.find(orchestration, key));
  }

  private async raiseEvent(
    orchestration: RunningOrchestration,
    instanceId: string,
    name: string,
    payload: unknown,
  ): Promise<void> {
    const { hubs, stepFunctions } = this.surroundings;
    const { client } = hubs.connectTo(orchestration);
    const [executionArn] = this.lastExecution(orchestration, instanceId);
    const { definition } =
      executionArn === undefined
        ? stepFunctions.describeStateMachine(orchestration)
        : stepFunctions.describeStateMachineForExecution({ executionArn });
    checkAwaited(`${instanceId}.raiseEvent`, definition, name);
    await client.raiseEvent(instanceId, name, payload);
  }

  private async terminate(orchestration: RunningOrchestration, instanceId: string, cause: string): Promise<void> {
    const hub = this.surroundings.hubs.tryConnect(orchestration);
    if (hub !== undefined) return hub.client.terminate(instanceId, cause);
    for (const executionArn of this.lastExecution(orchestration, instanceId)) {
      this.surroundings.stepFunctions.stopExecution({ executionArn, error: 'Terminated', cause });
    }
  }

  private async rewind(orchestration: RunningOrchestration, instanceId: string): Promise<void> {
    const hub = this.surroundings.hubs.tryConnect(orchestration);
    if (hub !== undefined) return hub.client.rewind(instanceId);
    for (const executionArn of this.lastExecution(orchestration, instanceId)) {
      this.surroundings.stepFunctions.redriveExecution({ executionArn });
    }
  }

  /** The ARN of an instance's newest execution; none before it was started. */
  private lastExecution({ stateMachineArn }: RunningOrchestration, instanceId: string): readonly string[] {
    const executions = this.surroundings.recorder.of(stateMachineArn, instanceKey(instanceId));
    return executions.slice(-1).map(({ arn }) => arn);
  }
}
