import type { StateMachineDefinition } from '../../asl/language/types.js';
import type { CreateStateMachineRequest, StateMachineSummary, UpdateStateMachineRequest } from '../model/api.js';
import { ApiError } from '../model/api-errors.js';
import type { StateMachine } from '../model/state-machine.js';
import type { TaskPort } from '../model/tasks.js';
import { compileStateMachine } from '../states/compile-state.js';
import { checkDefinition } from './definition-check.js';
import { type Arns, checkName } from './names.js';

/** The state machines that exist. */
export class StateMachines {
  private readonly byArn = new Map<string, StateMachine>();

  constructor(
    private readonly arns: Arns,
    private readonly tasks: TaskPort,
    private readonly now: () => number,
    private readonly uuid: () => string,
  ) {}

  /** Creates a state machine; the same request again gives the same one. */
  create(request: CreateStateMachineRequest): StateMachine {
    const { name, definition, roleArn, type = 'STANDARD' } = request;
    checkName(name);
    const arn = request.arn ?? this.arns.stateMachine(name);
    const existing = this.byArn.get(arn);
    if (existing !== undefined) {
      const same = existing.definition === definition && existing.roleArn === roleArn && existing.type === type;
      if (!same) throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
      return existing;
    }
    const machine = this.build(request, arn, checkDefinition(definition, type, this.tasks));
    this.byArn.set(arn, machine);
    return machine;
  }

  /** Replaces definition, role or configurations; running executions keep what they began with. */
  update(
    arn: string,
    {
      definition,
      roleArn,
      loggingConfiguration,
      tracingConfiguration,
    }: Omit<UpdateStateMachineRequest, 'stateMachineArn'>,
  ): StateMachine {
    const machine = this.find(arn);
    const request = {
      ...machine,
      definition: definition ?? machine.definition,
      roleArn: roleArn ?? machine.roleArn,
      loggingConfiguration: loggingConfiguration ?? machine.loggingConfiguration,
      tracingConfiguration: tracingConfiguration ?? machine.tracingConfiguration,
    };
    const parsed = checkDefinition(request.definition, machine.type, this.tasks);
    const updated = { ...this.build(request, arn, parsed), creationDate: machine.creationDate };
    this.byArn.set(arn, updated);
    return updated;
  }

  delete(arn: string): void {
    this.byArn.delete(arn);
  }

  list(): readonly StateMachineSummary[] {
    return [...this.byArn.values()].map(({ arn, name, type, creationDate }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate,
    }));
  }

  /** The state machine; throws `StateMachineDoesNotExist` or `InvalidArn`. */
  find(arn: string): StateMachine {
    const machine = this.byArn.get(arn);
    if (machine !== undefined) return machine;
    if (!/^arn:[\w-]+:states:[\w-]*:\d*:stateMachine:/.test(arn))
      throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  private build(
    request: Omit<CreateStateMachineRequest, 'arn'>,
    arn: string,
    definition: StateMachineDefinition,
  ): StateMachine {
    return {
      arn,
      name: request.name,
      type: request.type ?? 'STANDARD',
      roleArn: request.roleArn,
      definition: request.definition,
      program: compileStateMachine(definition),
      timeoutSeconds: definition.TimeoutSeconds,
      creationDate: this.now(),
      loggingConfiguration: request.loggingConfiguration,
      tracingConfiguration: request.tracingConfiguration,
      revisionId: this.uuid(),
    };
  }
}
