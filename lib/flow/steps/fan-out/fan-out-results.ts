import type { FanOutPlan } from './fan-out-check.js';

/** What leaves the Map state of a fan-out: the `Output` field, and the same as one expression. */
export interface FanOutResults {
  readonly output?: unknown;
  readonly text: string;
}

/**
 * Renders how results are gathered. A batch puts out `{ results: […] }`, so that the path `.results` joins the batches' lists; where failures are tolerated, an item
 * puts out `{ index, output }` or `{ index, error }`.
 */
export function renderResults(plan: FanOutPlan): FanOutResults {
  if (plan.stored) {
    return asOutput({
      bucket: '$states.result.ResultWriterDetails.Bucket',
      manifest: '$states.result.ResultWriterDetails.Key',
      mapRun: '$states.result.MapRunArn',
    });
  }
  // The list of `{ results }` and `{ error }` goes on to a Choice.
  if (plan.guarded) return { text: '$states.result' };
  const all = plan.batched ? '$states.result.results' : '$states.result';
  if (plan.tolerated !== undefined) {
    return asOutput({ succeeded: `[${all}[$exists(output)]]`, failed: `[${all}[$exists(error)]]` });
  }
  return { text: all };
}

function asOutput(members: Readonly<Record<string, string>>): FanOutResults {
  const entries = Object.entries(members);
  return {
    output: Object.fromEntries(entries.map(([key, text]) => [key, `{% ${text} %}`])),
    text: `{${entries.map(([key, text]) => `"${key}": ${text}`).join(', ')}}`,
  };
}
