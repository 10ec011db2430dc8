import type { Resource } from '../../assembly/model.js';
import { DurableStepsError } from '../../errors.js';
import { nearest } from '../../options/nearest.js';

/** A state machine of the app, as people call it. */
export interface RunningOrchestration {
  /** The construct id, for example `HelloSequence`. */
  readonly id: string;
  /** The construct path, for example `Demo/HelloSequence`. */
  readonly path: string;
  readonly logicalId: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly type: 'STANDARD' | 'EXPRESS';
}

/** The orchestration that a state machine of the template is. */
export function readOrchestration(resource: Resource): RunningOrchestration {
  // A construct that makes a state machine calls it `StateMachine` inside.
  const path = resource.path.replace(/(?<=\/.*)\/StateMachine$/, '');
  return {
    id: path.split('/').at(-1) ?? path,
    path,
    logicalId: resource.logicalId,
    name: resource.attribute('Name'),
    stateMachineArn: resource.ref,
    type: resource.properties['StateMachineType'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
  };
}

/**
 * Finds an orchestration by construct id, path (or its end), logical id, state machine name or ARN.
 *
 * Throws a `DurableStepsError` when there is none, with the nearest names, or when an id is ambiguous, with the paths to choose from.
 */
export function findOrchestration<Found extends RunningOrchestration>(all: readonly Found[], wanted: string): Found {
  const exact = all.find(({ path, name, stateMachineArn }) => [path, name, stateMachineArn].includes(wanted));
  if (exact !== undefined) return exact;
  const byId = all.filter(({ path, logicalId }) => logicalId === wanted || path.endsWith(`/${wanted}`));
  const [found, ...others] = byId;
  if (found === undefined) throw unknown(all, wanted);
  if (others.length === 0) return found;
  throw new DurableStepsError('AmbiguousOrchestration', {
    where: wanted,
    expected: 'the name of one orchestration',
    got: `a name of ${byId.length}`,
    fix: `say which: ${byId.map(({ path }) => path).join(', ')}`,
  });
}

function unknown(all: readonly RunningOrchestration[], wanted: string): DurableStepsError {
  const near = nearest(
    wanted,
    all.map(({ id }) => id),
  );
  const names = all.map(({ id }) => id).join(', ');
  const fix =
    all.length === 0
      ? 'this app has no orchestrations'
      : near === undefined
        ? `there are: ${names}`
        : `did you mean \`${near}\`? There are: ${names}`;
  return new DurableStepsError('UnknownOrchestration', {
    where: wanted,
    expected: 'an orchestration of this app',
    got: 'an unknown name',
    fix,
  });
}
