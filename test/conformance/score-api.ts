import { isJsonObject, type Json, type JsonObject, tryParseJson } from '../../lib/asl/language/json.js';
import { VirtualClock } from '../../lib/clock.js';
import type { TestStateRequest } from '../../lib/engine/model/api.js';
import { ApiError } from '../../lib/engine/model/api-errors.js';
import type { TaskPort, TaskResult } from '../../lib/engine/model/tasks.js';
import { StepFunctions } from '../../lib/engine/service/step-functions.js';
import type { TestStateCase, ValidationCase } from './cases.js';
import { matches } from './match.js';
import { brief } from './score.js';

/** Calls TestState with a recorded request. Gives how the answer deviates; `undefined` when it is AWS's. */
export async function compareTestState({ request, expected }: TestStateCase): Promise<string | undefined> {
  const actual = await answer(() => testState(request, expected));
  return matches(expected, actual, new Map()) ? undefined : `expected ${brief(expected)}, got ${brief(actual)}`;
}

async function testState(request: JsonObject, expected: JsonObject): Promise<Json> {
  const result = await makeService(recordedTasks(expected)).testState(renderRequest(request));
  return parseResult(result as unknown as JsonObject);
}

/** States that act on other services were tested with a role. */
function renderRequest(request: JsonObject): TestStateRequest {
  const { definition, input, variables, context, mock, ...rest } = request;
  const text = (value: Json | undefined) => (value === undefined ? undefined : JSON.stringify(value));
  const needsRole = /"Type":"(Task|Map|Parallel)"/.test(JSON.stringify(definition));
  const given = {
    ...rest,
    definition: text(definition),
    input: text(input),
    variables: text(variables),
    context: text(context),
    mock: isJsonObject(mock) && 'result' in mock ? { ...mock, result: text(mock['result']) } : mock,
    roleArn: needsRole ? 'arn:aws:iam::111111111111:role/TestStateRole' : undefined,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as TestStateRequest;
}

/** Where there was no mock, a real function answered: with the result that the inspection shows. */
function recordedTasks({ inspectionData, output }: JsonObject): TaskPort {
  const recorded = isJsonObject(inspectionData) ? inspectionData['result'] : output;
  return { supports: () => undefined, run: async (): Promise<TaskResult> => ({ output: recorded ?? null }) };
}

/** The answer with its texts parsed, as the cases have it. */
function parseResult(result: JsonObject): JsonObject {
  const { output, inspectionData, ...rest } = result;
  const parsed = (value: Json | undefined): Json =>
    typeof value === 'string' ? (tryParseJson(value) ?? value) : (value ?? null);
  return {
    ...rest,
    ...(output !== undefined && { output: parsed(output) }),
    ...(isJsonObject(inspectionData) && {
      inspectionData: Object.fromEntries(Object.entries(inspectionData).map(([key, value]) => [key, parsed(value)])),
    }),
  };
}

/** Gives a verdict on a recorded definition. Gives how it deviates; `undefined` when it is AWS's. */
export async function compareValidation(recorded: ValidationCase): Promise<string | undefined> {
  const { valid: _valid, ...expected } = recorded.expected;
  const actual = await answer(() => validate(recorded));
  return matches(expected, actual, new Map()) ? undefined : `expected ${brief(expected)}, got ${brief(actual)}`;
}

function validate({ kind, workflowType, definition }: ValidationCase): Json {
  const service = makeService(recordedTasks({}));
  const text =
    isJsonObject(definition) && '$text' in definition ? String(definition['$text']) : JSON.stringify(named(definition));
  if (kind === 'ValidateStateMachineDefinition') {
    const { result, diagnostics } = service.validateStateMachineDefinition({ definition: text, type: workflowType });
    return { result, diagnostics: diagnostics as unknown as Json };
  }
  service.createStateMachine({
    name: 'Validated',
    definition: text,
    roleArn: 'arn:aws:iam::111111111111:role/Role',
    type: workflowType,
  });
  return {};
}

/** The recorder put a word in place of the activity's ARN; it stands for one. */
function named(definition: Json): Json {
  return JSON.parse(
    JSON.stringify(definition).replaceAll(
      '"activity_arn"',
      '"arn:aws:states:us-east-1:111111111111:activity:activity_name"',
    ),
  ) as Json;
}

function makeService(tasks: TaskPort): StepFunctions {
  return new StepFunctions({ clock: new VirtualClock(), tasks, accountId: '111111111111' });
}

async function answer(call: () => Json | Promise<Json>): Promise<Json> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { error: error.name, message: error.message };
  }
}
