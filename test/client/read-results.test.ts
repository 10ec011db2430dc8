import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { readResults } from '../../lib/client/read-results.js';

const stored = { bucket: 'media', manifest: 'runs/1/manifest.json', mapRun: 'arn:run' };
const s3 = mockClient(S3Client);

function put(files: Readonly<Record<string, unknown>>): void {
  s3.reset();
  s3.on(GetObjectCommand).callsFake(async ({ Bucket, Key }: { Bucket: string; Key: string }) => {
    expect(Bucket).toBe('media');
    const file = files[Key];
    return file === undefined ? {} : { Body: { transformToString: async () => JSON.stringify(file) } };
  });
}

const envelope = (index: number) => ({ key: `k/${index}`, index, input: 'x' });

test('joins several result files, in the order of the items', async () => {
  put({
    'runs/1/manifest.json': {
      DestinationBucket: 'media',
      ResultFiles: {
        SUCCEEDED: [{ Key: 's0' }, { Key: 's1' }],
        FAILED: [{ Key: 'f0' }],
        PENDING: [],
      },
    },
    s0: [{ Status: 'SUCCEEDED', Input: JSON.stringify(envelope(2)), Output: '"two"' }],
    s1: [
      { Status: 'SUCCEEDED', Input: JSON.stringify(envelope(0)), Output: '"zero"' },
      {
        Status: 'SUCCEEDED',
        Input: JSON.stringify({ Items: [envelope(4), envelope(5)] }),
        Output: '{"results":[4,5]}',
      },
    ],
    f0: [
      {
        Status: 'FAILED',
        Input: JSON.stringify(envelope(3)),
        Error: 'Declined',
        Cause: '{"errorType":"Declined","errorMessage":"no funds","trace":["Declined: no funds","at x"]}',
      },
      { Status: 'TIMED_OUT', Input: JSON.stringify(envelope(1)) },
    ],
  });
  expect(await readResults<string | number>(stored, new S3Client({}))).toEqual({
    succeeded: [
      { index: 0, output: 'zero' },
      { index: 2, output: 'two' },
      { index: 4, output: 4 },
      { index: 5, output: 5 },
    ],
    failed: [
      { index: 1, error: { name: 'ExecutionTIMED_OUT', message: null, stack: null, cause: null, step: null } },
      {
        index: 3,
        error: {
          name: 'Declined',
          message: 'no funds',
          stack: 'Declined: no funds\nat x',
          cause: expect.stringContaining('no funds'),
          step: null,
        },
      },
    ],
  });
});

test('says which file is missing', async () => {
  put({});
  await expect(readResults(stored, new S3Client({}))).rejects.toThrow(
    '`s3://media/runs/1/manifest.json`: expected a file that the fan-out wrote, got nothing there',
  );
});
