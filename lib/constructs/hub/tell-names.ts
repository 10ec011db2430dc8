import { Aspects, Lazy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { HUB_ENVIRONMENT, ORCHESTRATIONS_FILE } from '../../contract/hub-environment.js';
import { DurableStepsError } from '../../errors.js';
import { tryAddFile } from '../bundled-code.js';

/** Lambda's environment may hold 4 KB in all: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MAX_NAMES = 3_000;

/**
 * Tells a function the names of orchestrations and of their state machines: by a file beside code that the kit bundles, otherwise in its environment, which holds about 40.
 *
 * @param names asked for once all constructs are there
 */
export function tellNames(fn: lambda.Function, names: () => Readonly<Record<string, string>>): void {
  const text = () => JSON.stringify(names());
  if (tryAddFile(fn, ORCHESTRATIONS_FILE, text)) {
    fn.addEnvironment(HUB_ENVIRONMENT.orchestrationsFile, ORCHESTRATIONS_FILE);
    return;
  }
  fn.addEnvironment(HUB_ENVIRONMENT.orchestrations, Lazy.string({ produce: text }));
  // Before templates are resolved, so that the error isn't wrapped in theirs.
  Aspects.of(fn).add({
    visit: (node) => {
      if (node === fn) checkSize(fn, text());
    },
  });
}

function checkSize(fn: lambda.Function, text: string): void {
  if (text.length <= MAX_NAMES) return;
  throw new DurableStepsError('TooManyOrchestrations', {
    where: fn.node.path,
    expected: `names of orchestrations of at most ${MAX_NAMES} bytes, which must fit into the environment of a function whose code the kit doesn't bundle`,
    got: `${text.length}`,
    fix: 'name those that it starts: `hub.grantClient(fn, { orchestrations })`; or make it with `Activity`, whose code holds any number',
  });
}
