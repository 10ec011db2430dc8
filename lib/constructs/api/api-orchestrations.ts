import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ApiDescription } from '../../contract/openapi/document.js';
import type { JsonSchema } from '../../contract/openapi/schemas.js';
import { DurableStepsError } from '../../errors.js';
import { checkOption, type Kind } from '../../options/check-options.js';
import { either, like, named, needed, others, text, whenHas } from '../../options/kinds.js';
import type { TaskHub } from '../hub/task-hub.js';

/** An orchestration that can be started over HTTP: a construct, or anything with a state machine. */
export interface StartableOrchestration {
  readonly stateMachine: sfn.IStateMachine;
  /** Its hub, when it knows it. */
  readonly hub?: unknown;
}

/** An orchestration with what the API's document says of it. */
export interface DescribedOrchestration {
  readonly orchestration: StartableOrchestration;
  /** @default - nothing */
  readonly description?: string;
  /** JSON Schema of its input, for the document. @default - anything */
  readonly input?: JsonSchema;
}

const STARTABLE = like('an orchestration', 'stateMachine');

/** What stands under a name of an API. */
const ENTRY: Kind = either(
  STARTABLE,
  named(
    '`{ orchestration, description, input }`',
    whenHas('orchestration', {
      orchestration: needed(STARTABLE),
      description: text(),
      input: others('a JSON Schema'),
    }),
  ),
);

/** What an API offers, and of which hub. */
interface ApiOrchestrations {
  readonly hub: TaskHub;
  readonly orchestrations: Readonly<Record<string, StartableOrchestration | DescribedOrchestration>>;
}

/** The orchestrations by their names, without what is said of them. */
export function checkOrchestrations(
  scope: Construct,
  props: ApiOrchestrations,
): Readonly<Record<string, StartableOrchestration>> {
  const known = new Set(props.hub.orchestrations.values());
  const entries = Object.entries(props.orchestrations).map(([name, given]): [string, StartableOrchestration] => {
    const where = `${scope.node.path}.orchestrations.${name}`;
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
      throw new DurableStepsError('InvalidOption', {
        where,
        expected: 'a name in kebab-case, for example `process-video`',
        got: `\`${name}\``,
      });
    }
    checkOption(where, given, needed(ENTRY));
    const orchestration = 'orchestration' in given ? given.orchestration : given;
    if (!known.has(orchestration.stateMachine)) {
      throw new DurableStepsError('ForeignOrchestration', {
        where,
        expected: 'an orchestration of the same task hub',
        got: 'one of another hub, or of none',
        fix: 'give it the option `hub`',
      });
    }
    return [name, orchestration];
  });
  return Object.fromEntries(entries);
}

/** What the API's document is rendered from. */
export function describeApi(
  facts: Pick<ApiDescription, 'title' | 'auth' | 'operations'>,
  props: ApiOrchestrations,
  orchestrations: Readonly<Record<string, StartableOrchestration>>,
): ApiDescription {
  const described = Object.keys(orchestrations).map((name) => {
    const given = props.orchestrations[name];
    const { description, input } =
      given !== undefined && 'orchestration' in given ? given : ({} as Partial<DescribedOrchestration>);
    return [name, { ...(description === undefined ? {} : { description }), ...(input === undefined ? {} : { input }) }];
  });
  return { ...facts, orchestrations: Object.fromEntries(described) };
}
