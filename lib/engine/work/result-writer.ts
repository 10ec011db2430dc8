import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { ResultWriterPlan } from '../model/effects.js';
import type { Execution } from '../model/execution.js';
import type { ObjectStore } from '../model/objects.js';

/** What a result writer reads of a Map run. */
export interface FinishedRun {
  readonly arn: string;
  readonly children: readonly Execution[];
}

/**
 * Writes the results of a Map run to Amazon S3: a file for each outcome and a manifest that lists them. The state's output is then where the manifest is.
 * Without a bucket, the results are only shaped (`Transformation`), and are the state's output.
 */
export async function writeResults(
  plan: ResultWriterPlan,
  run: FinishedRun,
  objects: ObjectStore | undefined,
): Promise<Json> {
  const shape = TRANSFORMATIONS[plan.transformation ?? (plan.bucket === undefined ? 'COMPACT' : 'NONE')];
  if (shape === undefined) throw failed(`The transformation ${plan.transformation} is not supported.`);
  if (plan.bucket === undefined) return shape(run.children.filter(succeeded));
  if (objects === undefined) throw failed('There is no Amazon S3 to write results to.');
  return writeFiles(plan, plan.bucket, shape, run, objects);
}

function failed(cause: string): StatesError {
  return new StatesError('States.ResultWriterFailed', cause);
}

const succeeded = (child: Execution): boolean => child.status === 'SUCCEEDED';

type Shape = (children: readonly Execution[]) => readonly Json[];

const TRANSFORMATIONS: Readonly<Record<string, Shape>> = {
  NONE: (children) => children.map(describeChild),
  COMPACT: (children) => children.map((child) => (succeeded(child) ? (child.output ?? null) : describeChild(child))),
  FLATTEN: (children) =>
    children.flatMap((child) => {
      if (!succeeded(child)) return [describeChild(child)];
      return Array.isArray(child.output) ? (child.output as readonly Json[]) : [child.output ?? null];
    }),
};

/** A child execution in a result file. */
function describeChild(child: Execution): JsonObject {
  return {
    ExecutionArn: child.arn,
    Input: child.inputText,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output !== undefined && { Output: exactJsonText(child.output), OutputDetails: { Included: true } }),
    ...(child.error !== undefined && { Error: child.error }),
    ...(child.cause !== undefined && { Cause: child.cause }),
    RedriveCount: child.redriveCount,
    RedriveStatus: succeeded(child) ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    ...(succeeded(child) && { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }),
    StartDate: new Date(child.startDate).toISOString(),
    StateMachineArn: child.machine.arn,
    Status: child.status,
    ...(child.stopDate !== undefined && { StopDate: new Date(child.stopDate).toISOString() }),
  };
}

async function writeFiles(
  plan: ResultWriterPlan,
  bucket: string,
  shape: Shape,
  run: FinishedRun,
  objects: ObjectStore,
): Promise<Json> {
  const prefix = plan.prefix === undefined || plan.prefix === '' ? '' : `${plan.prefix.replace(/\/$/, '')}/`;
  const folder = `${prefix}${run.arn.split(':').at(-1)}`;
  const lines = plan.outputType === 'JSONL';
  const put = async (key: string, value: Json): Promise<number> => {
    const body = Buffer.from(
      lines && Array.isArray(value) ? value.map((item) => exactJsonText(item)).join('\n') : exactJsonText(value),
    );
    await objects.put(bucket, key, body, lines ? 'application/jsonl' : 'application/json');
    return body.length;
  };
  const files: Record<string, JsonObject[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const [outcome, children] of Object.entries(byOutcome(run.children))) {
    if (children.length === 0) continue;
    const key = `${folder}/${outcome}_0.${lines ? 'jsonl' : 'json'}`;
    files[outcome]!.push({ Key: key, Size: await put(key, shape(children)) });
  }
  const key = `${folder}/manifest.json`;
  const manifest = { DestinationBucket: bucket, MapRunArn: run.arn, ResultFiles: files };
  await objects.put(bucket, key, Buffer.from(exactJsonText(manifest)), 'application/json');
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: bucket, Key: key } };
}

function byOutcome(children: readonly Execution[]): Readonly<Record<string, readonly Execution[]>> {
  return {
    SUCCEEDED: children.filter(succeeded),
    FAILED: children.filter((child) => !succeeded(child)),
  };
}
