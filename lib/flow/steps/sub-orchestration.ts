import { checkOption } from '../../options/check-options.js';
import { like, needed } from '../../options/kinds.js';
import { Exit, type Fragment, type State } from '../compiler/state.js';
import { renderInput, type Site, type Step, type stepTypes } from '../compiler/step.js';
import { addThrow } from '../compiler/throw.js';
import type { Thrown } from '../compiler/thrown.js';
import { throttleRetrier } from '../language/retry.js';
import { jsonText } from '../language/workflow-error.js';

/** What a flow must know of another state machine to run it. */
export interface SubOrchestration {
  readonly stateMachineArn: string;
  /** The ARN of all of its executions. */
  readonly executionsArn: string;
  /** The ARN of the managed EventBridge rule by which Step Functions learns that an execution ended. */
  readonly eventRuleArn: string;
  /** The construct path, for messages. */
  readonly path: string;
  /** Called with the orchestration that runs this one. @default - nothing is to be done */
  readonly attach?: (parent: object) => void;
}

/**
 * What says that a start was throttled, and so that nothing was started. An error that leaves it open isn't tried again: a retry has another name, and would start a second child.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
const startThrottled = [
  'StepFunctions.ExecutionLimitExceeded',
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.ThrottlingException',
  'StepFunctions.TooManyRequestsException',
];

/** An orchestration, as {@link start} takes it. */
export interface Startable<in I> {
  readonly [stepTypes]?: (input: I) => unknown;
  readonly stepName: string;
  readonly asChild: SubOrchestration;
}

/** What {@link start} gives. */
export interface Started {
  /** The id of the instance that was started. */
  readonly instanceId: string;
}

/**
 * The Task state that runs another orchestration and waits for its end. The child's id follows from the parent's and the state's name; stopping the parent stops the child.
 * A failed child's error keeps its name and cause: a Fail state, or the `catch` around, gets them out of what
 * Step Functions tells.
 */
export function compileSubOrchestration(site: Site, child: SubOrchestration): Fragment {
  const { scope, compilation } = site;
  const { name, state } = addStart(site, child, 'states:startExecution.sync:2', '$states.result.Output');
  compilation.grant({ actions: ['states:StartExecution'], resources: [child.stateMachineArn] });
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
  compilation.grant({
    actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
    resources: [child.executionsArn],
  });
  compilation.grant({
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resources: [child.eventRuleArn],
  });
  const failed = addThrow(scope, `${name} failed`, { ...childError, at: name }, site.context);
  state.Catch = [{ ErrorEquals: ['States.TaskFailed'], Next: failed }];
  return { start: name, exits: [Exit.ofState(state, '$states.result.Output')] };
}

/** The child's error, in the state that follows `States.TaskFailed`: its cause is the JSON of the child's description. */
const childError: Thrown = {
  name: ofChild('Error', { timedOut: 'States.Timeout', otherwise: 'Error' }),
  cause: ofChild('Cause', { timedOut: 'The sub-orchestration took longer than its timeout.', otherwise: '' }),
};

/** The description may be cut off, so that only a complete member of it is parsed. That of a child which timed out names no error. */
function ofChild(member: 'Error' | 'Cause', texts: { readonly timedOut: string; readonly otherwise: string }): string {
  const cause = '$string($states.input.Cause)';
  const found = String.raw`$match(${cause}, /(?:\{|,)\s*"${member}"\s*:\s*(${jsonText})/)`;
  const described = String.raw`$contains(${cause}, /^\{[\s\S]*"ExecutionArn"/)`;
  const timedOut = String.raw`$contains(${cause}, /(?:\{|,)\s*"Status"\s*:\s*"TIMED_OUT"/)`;
  const own = `$states.input.${member}`;
  const otherwise = `$type(${own}) = 'string' ? ${own} : "${texts.otherwise}"`;
  return `($found := ${found}; ${described} ? ($exists($found) ? $parse($found[0].groups[0]) : ${timedOut} ? "${texts.timedOut}" : ${otherwise}) : ${otherwise})`;
}

/**
 * Starts another orchestration and goes on without waiting for its end (fire and forget). What comes out is the id of the instance.
 *
 * @example .step('audit', start(auditTrail), ({ order }) => order)
 */
export function start<I>(orchestration: Startable<I>): Step<I, Started> {
  checkOption('start', orchestration, needed(like('an orchestration', 'asChild')));
  return {
    stepName: `Start ${orchestration.stepName}`,
    compile: (site) => {
      const child = orchestration.asChild;
      const text = "$split($states.result.ExecutionArn, ':')[7]";
      const { name, state } = addStart(site, child, 'states:startExecution', { instanceId: text });
      site.compilation.grant({ actions: ['states:StartExecution'], resources: [child.stateMachineArn] });
      return { start: name, exits: [Exit.ofState(state, `{"instanceId": ${text}}`)] };
    },
  };
}

function addStart(
  site: Site,
  child: SubOrchestration,
  integration: string,
  output: string | Readonly<Record<string, string>>,
): { readonly name: string; readonly state: State } {
  const { scope, compilation } = site;
  const input = renderInput(site);
  if (child.attach !== undefined) compilation.attach(child.attach);
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration(integration),
    Arguments: {},
    Retry: [throttleRetrier(startThrottled)],
    Output:
      typeof output === 'string'
        ? `{% ${output} %}`
        : Object.fromEntries(Object.entries(output).map(([key, text]) => [key, `{% ${text} %}`])),
  };
  const name = scope.add(site.name, state, site.context);
  state['Arguments'] = {
    StateMachineArn: child.stateMachineArn,
    Name: renderChildName(scope.runKey(name)),
    Input: renderChildInput(input),
  };
  return { name, state };
}

/**
 * The child's input. Step Functions takes a text for the JSON itself: `'90210'` would arrive as a number, and null as `{}`. So these two are handed over as JSON
 * text; objects, lists, numbers and booleans as they are.
 */
function renderChildInput(input: unknown): unknown {
  if (input === null) return 'null';
  if (typeof input !== 'string') return input;
  const [, expression] = /^\{%([\s\S]*)%\}$/.exec(input) ?? [];
  if (expression === undefined) return JSON.stringify(input);
  const text = '($json := $string([$in]); $substring($json, 1, $length($json) - 2))';
  return `{% ($in := ${expression.trim()}; $type($in) in ["string", "null"] ? ${text} : $in) %}`;
}

/**
 * An execution name from the key of a run, in the form of `isDerivedKey` in the contract's `instance-id.ts`: no id that is given is like it. The generation's
 * `..` becomes `!g`; a retry has a name of its own, since a name is used up for 90 days; what is longer than the key of an instance may be is a digest.
 */
function renderChildName(runKey: string): string {
  const legal = `$replace($replace(${runKey}, '..', '!g'), '/', '!!')`;
  const retry = "($states.context.State.RetryCount > 0 ? '!r' & $states.context.State.RetryCount : '')";
  return `{% ($name := ${legal} & ${retry}; $length($name) > 64 ? '!' & $substring($hash($name, 'SHA-256'), 0, 40) : $name) %}`;
}
