import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import type { StartableOrchestration } from '../../lib/constructs/api/api-orchestrations.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { flow } from '../../lib/flow/index.js';

/** The stacks with orchestrations, whose constructs have the same ids in each. */
export const workStacks = ['Work1', 'Work2', 'Work3', 'Work4', 'Work5'] as const;

/** Orchestrations in each: 400 in all. */
const perStack = 80;

/**
 * One hub, 400 orchestrations in five stacks, and one API for all of them in a stack of its own. `Job0` to `Job78` wait a second and give back their input; `Patient` waits an hour.
 *
 * @param without an orchestration that is left out, as `Work2/Job7`
 */
export function makeManyApp(outdir: string, without?: string): App {
  const app = new App({ outdir, analyticsReporting: false });
  // Soon, since the emulator sends no status events.
  const hub = new TaskHub(new Stack(app, 'Hub'), 'Hub', {
    removalPolicy: RemovalPolicy.DESTROY,
    healAfter: Duration.seconds(1),
  });
  const orchestrations = workStacks.flatMap((name) => {
    const stack = new Stack(app, name);
    const ids = [...Array.from({ length: perStack - 1 }, (_, index) => `Job${index}`), 'Patient'];
    return ids
      .filter((id) => `${name}/${id}` !== without)
      .map((id): [string, StartableOrchestration] => {
        const steps = flow<number>()
          .delay(id === 'Patient' ? Duration.hours(1) : Duration.seconds(1))
          .output(({ input }) => input);
        return [`${name}-${id}`.toLowerCase(), new Chain(stack, id, { hub, steps })];
      });
  });
  new AsyncHttpApi(new Stack(app, 'Api'), 'Api', {
    hub,
    auth: ApiAuth.none(),
    // It also shows and ends what an orchestration that was taken away left behind.
    reach: 'hub',
    orchestrations: Object.fromEntries(orchestrations),
  });
  return app;
}
