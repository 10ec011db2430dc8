import type { Assembly } from '../../assembly/model.js';
import { Authorizer } from '../iam/authorizer.js';
import { ACCEPTED_TYPES } from './accepted-types.js';
import { type RunningOrchestration, readOrchestration } from './orchestrations.js';

/** An app, and what follows from it alone. */
export interface DeployedApp {
  readonly assembly: Assembly;
  readonly orchestrations: readonly RunningOrchestration[];
  readonly authorizer: Authorizer;
  /** The functions that only serve custom resources. */
  readonly providers: ReadonlySet<string>;
}

export function readApp(assembly: Assembly): DeployedApp {
  return {
    assembly,
    orchestrations: assembly.ofType('AWS::StepFunctions::StateMachine').map(readOrchestration),
    authorizer: new Authorizer(assembly),
    providers: customResourceProviders(assembly),
  };
}

/** The functions behind custom resources: the local cloud doesn't run those, so their providers needn't run either. */
function customResourceProviders(assembly: Assembly): ReadonlySet<string> {
  const custom = assembly.resources.filter(({ type }) => type.startsWith('Custom::') && ACCEPTED_TYPES.has(type));
  const handled = assembly.resources.filter(({ type }) => type === 'Custom::S3BucketNotifications');
  return new Set([...custom, ...handled].map(({ properties }) => String(properties['ServiceToken'])));
}

/** The place of the first stack that has state machines, else of the first stack. */
export function mainEnvironment(
  assembly: Assembly,
  options: { readonly region?: string; readonly accountId?: string },
) {
  const machine = assembly.ofType('AWS::StepFunctions::StateMachine')[0];
  const stack = machine?.stack ?? assembly.stacks[0];
  return (
    stack?.environment ?? {
      partition: 'aws',
      region: options.region ?? 'us-east-1',
      accountId: options.accountId ?? '123456789012',
    }
  );
}
