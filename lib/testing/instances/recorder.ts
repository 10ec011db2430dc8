import { stateMachineArnOf } from '../../contract/instance-id.js';
import type { HistoryEvent } from '../../engine/model/history.js';
import type { StepFunctions } from '../../engine/service/step-functions.js';
import { RecordedExecution } from './recorded-execution.js';

/**
 * Everything that the executions of an environment did, in order.
 *
 * It listens and never acts. Whoever waits for something is told after each event, before time can move.
 */
export class Recorder {
  private readonly byArn = new Map<string, RecordedExecution>();
  private readonly watchers = new Set<() => void>();

  constructor(stepFunctions: StepFunctions) {
    stepFunctions.onEvent((arn, event) => this.event(arn, event));
    stepFunctions.onStatusChange((change) => {
      this.find(change.executionArn).change(change);
      this.tell();
    });
  }

  /** All executions, in the order of their start. */
  get executions(): readonly RecordedExecution[] {
    return [...this.byArn.values()];
  }

  /** The executions of one instance: one for each generation, in order. */
  of(stateMachineArn: string, key: string): readonly RecordedExecution[] {
    return this.executions.filter((one) => one.stateMachineArn === stateMachineArn && one.key === key);
  }

  /** The execution with this ARN; undefined for one that did nothing yet. */
  tryFind(executionArn: string): RecordedExecution | undefined {
    return this.byArn.get(executionArn);
  }

  /** Calls back after each event. Returns a function that ends it. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private event(arn: string, event: HistoryEvent): void {
    this.find(arn).add(event);
    this.tell();
  }

  private find(arn: string): RecordedExecution {
    const known = this.byArn.get(arn);
    if (known !== undefined) return known;
    const stateMachineArn = stateMachineArnOf(arn);
    // The state machine of a child is named `<the machine that it belongs to>/<the Map's label>`.
    const [family = stateMachineArn] = stateMachineArn.split('/');
    const name = arn.split(':').slice(7).join(':');
    const execution = new RecordedExecution(arn, stateMachineArn, name, (key) => this.of(family, key).at(-1));
    this.byArn.set(arn, execution);
    return execution;
  }

  private tell(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}
