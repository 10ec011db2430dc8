import { Exit, type Fragment, type State } from '../compiler/state.js';
import { renderInput, type Site } from '../compiler/step.js';
import { type RetryOptions, renderRetry } from '../language/retry.js';

/** What a flow must know of a Lambda function to call it. */
export interface LambdaTask {
  readonly functionArn: string;
  readonly timeoutSeconds: number;
  readonly retry?: RetryOptions;
  /** The construct path, for messages. */
  readonly path: string;
}

/** The Task state that calls a Lambda function: the handler's result comes out, without Lambda's envelope. */
export function compileLambdaTask(site: Site, task: LambdaTask): Fragment {
  const { scope, compilation } = site;
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration('lambda:invoke'),
    Arguments: {},
    TimeoutSeconds: task.timeoutSeconds,
    Retry: renderRetry(task.retry, task.path),
    Output: '{% $states.result.Payload %}',
  };
  const payload = renderInput(site);
  const name = scope.add(site.name, state, site.context);
  state['Arguments'] = {
    FunctionName: task.functionArn,
    Payload: payload,
    ClientContext: renderClientContext(scope.runKey(name)),
  };
  compilation.grant({ actions: ['lambda:InvokeFunction'], resources: [task.functionArn] });
  return { start: name, exits: [Exit.ofState(state, '$states.result.Payload')] };
}

/**
 * Lambda's client context carries the idempotency key beside the payload: the handler's event stays its own. `$base64encode` takes the low byte of each
 * character, so the key is made ASCII before: executions that are started by hand may have any name.
 */
function renderClientContext(key: string): string {
  const ascii = `$replace($encodeUrlComponent(${key}), "%2F", "/")`;
  return `{% $base64encode($string({"idempotencyKey": ${ascii}})) %}`;
}
