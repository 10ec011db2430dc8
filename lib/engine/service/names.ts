import { ApiError } from '../model/api-errors.js';

/** Characters that names of state machines, executions and activities can't hold. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Checks a name of a state machine, an execution or an activity by AWS's rules; throws `InvalidName`. */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > 80 || FORBIDDEN.test(name))
    throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}

/** Makes the ARNs of one account in one region. */
export class Arns {
  constructor(
    private readonly region: string,
    private readonly accountId: string,
  ) {}

  stateMachine(name: string): string {
    return this.arn('stateMachine', name);
  }

  activity(name: string): string {
    return this.arn('activity', name);
  }

  /** `part` tells the executions of an Express state machine apart, whose names need not be unique. */
  execution(machineArn: string, name: string, express?: { readonly part: string }): string {
    const machine = machineArn.slice(machineArn.lastIndexOf(':') + 1);
    const [prefix] = machineArn.split(':stateMachine:');
    return express === undefined
      ? `${prefix}:execution:${machine}:${name}`
      : `${prefix}:express:${machine}:${name}:${express.part}`;
  }

  mapRun(machineArn: string, label: string, id: string): string {
    const machine = machineArn.slice(machineArn.lastIndexOf(':') + 1);
    return `${machineArn.split(':stateMachine:')[0]}:mapRun:${machine}/${label}:${id}`;
  }

  private arn(kind: string, name: string): string {
    return `arn:aws:states:${this.region}:${this.accountId}:${kind}:${name}`;
  }
}
