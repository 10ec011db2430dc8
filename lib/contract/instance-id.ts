import { createHash } from 'node:crypto';

/** Longest public instance id, in characters: one made of a bucket, an object with a key of the most that S3 allows (1,024), and the write fits. */
export const MAX_INSTANCE_ID_LENGTH = 1_200;

const SEPARATOR = '..';
const PLAIN_KEY = /^[A-Za-z0-9_.@=+'()-]{1,64}$/;
const HASHED_KEY = /^h-[0-9a-f]{40}$/;
/** `<key of the parent>!!<step>…`, or a digest of it; see the flow's `sub-orchestration.ts`. */
const CHILD_KEY = /^(?=.*!!|![0-9a-f]{40}$)[A-Za-z0-9_.@=+!'()-]{1,64}$/;

/**
 * Where an instance lives: the public id itself when it can be an execution name, otherwise `h-` and 40 hex digits of its SHA-256.
 *
 * Step Functions allows 80 characters and few signs in an execution name; public ids may be long and hold spaces, slashes or any script.
 * A key given as an id is its own key, so that links may carry the key where an id would be awkward in a URL.
 */
export function instanceKey(instanceId: string): string {
  const plain = PLAIN_KEY.test(instanceId) && !instanceId.includes(SEPARATOR) && !instanceId.endsWith('.');
  if (plain || isDerivedKey(instanceId)) return instanceId;
  return `h-${createHash('sha256').update(instanceId).digest('hex').slice(0, 40)}`;
}

/**
 * Whether an id has the form of a key that is derived: from a longer id, or from a sub-orchestration's parent and step. Such a one finds the instance that has
 * the key, and none is started under it: otherwise whoever starts it would have the record of another.
 */
export function isDerivedKey(instanceId: string): boolean {
  const isLegal = !instanceId.includes(SEPARATOR) && !instanceId.endsWith('.');
  return HASHED_KEY.test(instanceId) || (isLegal && CHILD_KEY.test(instanceId));
}

/** Which instance and which of its generations an execution belongs to. */
export interface ExecutionIdentity {
  readonly key: string;
  /** 1 for the first execution; restart and continue-as-new count up. */
  readonly generation: number;
}

/** The execution's name: the key, followed by `..<generation>` from the second generation on. */
export function executionName({ key, generation }: ExecutionIdentity): string {
  return generation === 1 ? key : `${key}${SEPARATOR}${generation}`;
}

/** The inverse of {@link executionName}; a name without a valid generation is a first generation. */
export function parseExecutionName(name: string): ExecutionIdentity {
  const at = name.lastIndexOf(SEPARATOR);
  const generation = at < 1 ? Number.NaN : Number(name.slice(at + SEPARATOR.length));
  return Number.isSafeInteger(generation) && generation > 1
    ? { key: name.slice(0, at), generation }
    : { key: name, generation: 1 };
}

/** The ARN of an execution, from its state machine's. */
export function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** The state machine's ARN, from one of its executions'. */
export function stateMachineArnOf(execution: string): string {
  return execution.split(':').slice(0, 7).join(':').replace(':execution:', ':stateMachine:');
}
