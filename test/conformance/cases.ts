import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../lib/asl/language/json.js';

/** What a recorded task call led to. */
export interface RecordedTask {
  readonly state: string;
  readonly resource: string;
  readonly parameters: Json;
  readonly submitted?: Json;
  readonly outcome:
    | { readonly type: 'success'; readonly output: Json }
    | { readonly type: 'failure'; readonly error?: string; readonly cause?: Json }
    | { readonly type: 'timeout' }
    | { readonly type: 'pending' };
}

/** How a Lambda function behaves. */
export interface FunctionBehaviour {
  readonly behaviour: 'echo' | 'return' | 'throw' | 'sleepThenEcho' | 'returnLargeString';
  readonly value?: Json;
  readonly errorType?: string;
  readonly payload?: Json;
  readonly seconds?: number;
  readonly bytes?: number;
}

/** A recorded execution. */
export interface ExecutionCase {
  readonly name: string;
  /** When it was recorded, as `18-04-2024, 06:20:28`. */
  readonly source?: { readonly recorded?: string };
  readonly workflowType: 'STANDARD' | 'EXPRESS';
  readonly definition: Json;
  readonly input: Json;
  readonly clockStart?: string | number;
  readonly functions?: Readonly<Record<string, FunctionBehaviour>>;
  readonly tasks?: readonly RecordedTask[];
  readonly s3Objects?: readonly { readonly bucket: string; readonly key: string; readonly body: string }[];
  readonly externalActions?: readonly { readonly action: string; readonly when: string }[];
  readonly expected: { readonly status: string; readonly output?: Json; readonly error?: Json; readonly cause?: Json };
  readonly history?: readonly (JsonObject & { readonly id: number; readonly prev: number; readonly type: string })[];
  readonly historyOrder?: 'parallel-sections-sorted';
}

/** A recorded TestState call. */
export interface TestStateCase {
  readonly name: string;
  readonly request: JsonObject;
  readonly expected: JsonObject;
}

/** A recorded verdict on a definition. */
export interface ValidationCase {
  readonly kind: 'CreateStateMachine' | 'ValidateStateMachineDefinition';
  readonly name: string;
  readonly workflowType: 'STANDARD' | 'EXPRESS';
  readonly definition: Json;
  readonly expected: JsonObject;
}

/** All cases of a folder, by what they measure. */
export interface CaseSet {
  readonly executions: readonly ExecutionCase[];
  readonly choiceVectors: readonly ExecutionCase[];
  readonly testState: readonly TestStateCase[];
  readonly validation: readonly ValidationCase[];
}

/** The day on which AWS recorded a case, as `2024-04-18`; `undefined` when the case doesn't say. */
export function recordedOn({ source }: ExecutionCase): string | undefined {
  const [, day, month, year] = /^(\d{2})-(\d{2})-(\d{4})/.exec(source?.recorded ?? '') ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}`;
}

/** Reads the cases of a folder; `undefined` when there are none. */
export function tryReadCases(folder: string): CaseSet | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const read = <T>(accept: (name: string) => boolean): T[] =>
    files
      .filter(accept)
      .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { cases: T[] }).cases);
  const set = {
    executions: read<ExecutionCase>((name) => name.startsWith('executions.')),
    choiceVectors: read<ExecutionCase>((name) => name.startsWith('choice-vectors')),
    testState: read<TestStateCase>((name) => name.startsWith('teststate')),
    validation: read<ValidationCase>((name) => name.startsWith('validation')),
  };
  return Object.values(set).some((cases) => cases.length > 0) ? set : undefined;
}
