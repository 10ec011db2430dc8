import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type {
  BatchOutput,
  FailedItem,
  ItemEnvelope,
  ItemError,
  PartialResult,
  ResultEntry,
  ResultManifest,
  StoredResults,
  SucceededItem,
} from '../contract/stored-results.js';
import { DurableStepsError } from '../errors.js';

/**
 * Reads the results that a distributed fan-out stored in Amazon S3, in the order of the items. For the activity that aggregates them; its function needs
 * `bucket.grantRead(activity.function)`.
 *
 * @param stored the pointer that the fan-out gives
 * @param s3 the client to read with
 * @throws DurableStepsError `NoResults` when the files are not (or no longer) there
 * @example
 * export const handler = async (copies: StoredResults<Copy>): Promise<number> => {
 *   const { succeeded } = await readResults(copies);
 *   return succeeded.reduce((sum, { output }) => sum + output.bytes, 0);
 * };
 */
export async function readResults<Output>(
  stored: StoredResults<Output>,
  s3: Pick<S3Client, 'send'> = new S3Client({}),
): Promise<PartialResult<Output>> {
  return gatherResults(stored, async (key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stored.bucket, Key: key }));
    return Body?.transformToString();
  });
}

/** {@link readResults} with any way to read the text of an object. */
export async function gatherResults<Output>(
  stored: StoredResults<Output>,
  read: (key: string) => Promise<string | undefined>,
): Promise<PartialResult<Output>> {
  const readJson = async <T>(key: string): Promise<T> => {
    const text = await read(key);
    if (text !== undefined) return JSON.parse(text) as T;
    throw new DurableStepsError('NoResults', {
      where: `s3://${stored.bucket}/${key}`,
      expected: 'a file that the fan-out wrote',
      got: 'nothing there',
      fix: 'read results before the bucket’s lifecycle rules delete them',
    });
  };
  const { ResultFiles } = await readJson<ResultManifest>(stored.manifest);
  const readAll = async (files: readonly { readonly Key: string }[] = []): Promise<readonly ResultEntry[]> => {
    const entries: ResultEntry[] = [];
    for (const { Key } of files) entries.push(...(await readJson<readonly ResultEntry[]>(Key)));
    return entries;
  };
  return {
    succeeded: (await readAll(ResultFiles.SUCCEEDED)).flatMap(readSucceeded<Output>).sort(byIndex),
    failed: (await readAll(ResultFiles.FAILED)).flatMap(readFailed).sort(byIndex),
  };
}

const byIndex = (a: { readonly index: number }, b: { readonly index: number }): number => a.index - b.index;

/** The items that an execution had: one, or a batch. */
function itemsOf({ Input }: ResultEntry): { readonly items: readonly ItemEnvelope[]; readonly isBatch: boolean } {
  const input = JSON.parse(Input ?? 'null') as ItemEnvelope | { readonly Items: readonly ItemEnvelope[] };
  return 'Items' in input ? { items: input.Items, isBatch: true } : { items: [input], isBatch: false };
}

function readSucceeded<Output>(entry: ResultEntry): readonly SucceededItem<Output>[] {
  const { items, isBatch } = itemsOf(entry);
  const output = JSON.parse(entry.Output ?? 'null') as unknown;
  const outputs = isBatch ? (output as BatchOutput).results : [output];
  return items.map(({ index }, position) => ({ index, output: outputs[position] as Output }));
}

/** A batch fails as a whole: each of its items has the error. */
function readFailed(entry: ResultEntry): readonly FailedItem[] {
  const error = readError(entry);
  return itemsOf(entry).items.map(({ index }) => ({ index, error }));
}

function readError({ Error: name, Cause, Status }: ResultEntry): ItemError {
  const cause = Cause ?? null;
  const thrown = tryParse(cause);
  return {
    name: name ?? `Execution${Status}`,
    message: thrown?.errorMessage ?? cause,
    stack: thrown?.trace?.join('\n') ?? null,
    cause,
    step: null,
  };
}

/** What a Lambda function threw, where the cause is that. */
function tryParse(
  cause: string | null,
): { readonly errorMessage: string; readonly trace?: readonly string[] } | undefined {
  if (cause === null || !cause.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(cause) as { readonly errorMessage?: unknown; readonly trace?: readonly string[] };
    return typeof parsed.errorMessage === 'string' ? { ...parsed, errorMessage: parsed.errorMessage } : undefined;
  } catch {
    return undefined;
  }
}
