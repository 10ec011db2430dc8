import { CONTINUATION_HEADER, HUB_ROUTES, type HubOperation, IDEMPOTENCY_HEADER } from '../hub-http.js';
import { MAX_EVENT_NAME_LENGTH, MAX_PAGE_SIZE, MAX_WAIT_SECONDS } from '../hub-limits.js';
import { MAX_INSTANCE_ID_LENGTH } from '../instance-id.js';
import { RUNTIME_STATUSES } from '../runtime-status.js';
import { type JsonSchema, OPENAPI_SCHEMAS } from './schemas.js';

/** What an API description says of one orchestration. */
export interface OrchestrationDescription {
  readonly description?: string;
  /** Of its input. @default - anything */
  readonly input?: JsonSchema;
}

/** How an API lets requests in. */
export type ApiAuthKind = 'none' | 'iam' | 'jwt' | 'apiKey';

/** What {@link renderOpenApi} renders. */
export interface ApiDescription {
  readonly title: string;
  /** @default - relative to the document */
  readonly url?: string;
  readonly auth: ApiAuthKind;
  /** What it does. @default - everything */
  readonly operations?: readonly HubOperation[];
  /** By the name in the path. */
  readonly orchestrations: Readonly<Record<string, OrchestrationDescription>>;
}

type Responses = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.0 document of a hub's HTTP API: every route, every answer. */
export function renderOpenApi(api: ApiDescription): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { operation, method, path } of HUB_ROUTES) {
    if (api.operations?.includes(operation) === false) continue;
    for (const [at, rendered] of renderOperation(api, operation, path.replace('+}', '}'))) {
      paths[at] = { ...paths[at], [method.toLowerCase()]: rendered };
    }
  }
  return {
    openapi: '3.0.3',
    info: {
      title: api.title,
      version: '1',
      description: 'Starts, follows and steers orchestrations. The wire format is that of Durable Functions’ HTTP API.',
    },
    servers: [{ url: api.url ?? '/' }],
    paths,
    components: { schemas: OPENAPI_SCHEMAS, ...renderSecuritySchemes(api.auth) },
    ...(api.auth === 'none' ? {} : { security: [{ [api.auth]: [] }] }),
  };
}

function renderOperation(
  api: ApiDescription,
  operation: HubOperation,
  path: string,
): readonly (readonly [string, unknown])[] {
  if (operation !== 'startInstance' && operation !== 'startInstanceWithId') {
    return [[path, { operationId: operation, ...OPERATIONS[operation] }]];
  }
  // One path for each orchestration, so that each has its own input.
  return Object.entries(api.orchestrations).map(([name, orchestration]) => [
    path.replace('{name}', name),
    {
      operationId: `${operation === 'startInstance' ? 'start' : 'startWithId'}_${name}`,
      ...START,
      ...(orchestration.description === undefined ? {} : { description: orchestration.description }),
      parameters: [...(operation === 'startInstanceWithId' ? [INSTANCE_ID] : []), ...START.parameters],
      requestBody: json(orchestration.input ?? {}, false),
    },
  ]);
}

const NO_CONTROL_CHARACTERS = '^[^\\u0000-\\u001f\\u007f-\\u009f]+$';

const INSTANCE_ID = {
  name: 'instanceId',
  in: 'path',
  required: true,
  description: 'The public id, or the key that links carry instead of an id that is awkward in a URL.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_INSTANCE_ID_LENGTH, pattern: NO_CONTROL_CHARACTERS },
};

function query(name: string, schema: JsonSchema, description: string) {
  return { name, in: 'query', required: false, allowEmptyValue: true, description, schema };
}

function flag(name: string, otherwise: boolean, description: string) {
  return query(name, { type: 'boolean', default: otherwise }, description);
}

function json(schema: JsonSchema, required: boolean) {
  return { required, content: { 'application/json': { schema } } };
}

function answer(description: string, schema?: JsonSchema, headers?: Readonly<Record<string, string>>) {
  return {
    description,
    ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
          ),
        }),
  };
}

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const ERRORS: Responses = Object.fromEntries(
  [
    ['400', 'The request is not valid.'],
    ['401', 'The request does not say who sends it.'],
    ['403', 'The sender may not do this.'],
    ['404', 'There is no such orchestration, instance or route.'],
    [
      '405',
      'No route of this method: API Gateway ends a path at an id’s question mark. The links in answers have none.',
    ],
    ['413', 'The body is larger than 256 KiB.'],
    ['429', 'Too many requests; try again after `Retry-After` seconds.'],
    ['500', 'Something failed inside the hub, or the instance failed and the request asked for a 500 then.'],
    ['503', 'The hub is busy with this instance; try again.'],
  ].map(([status, text]) => [status, answer(text ?? '', ref('Problem'))]),
);

function responses(own: Responses, ...others: readonly (readonly [string, string])[]): Responses {
  return {
    ...own,
    ...ERRORS,
    ...Object.fromEntries(others.map(([status, text]) => [status, answer(text, ref('Problem'))])),
  };
}

const WAIT = query(
  'waitForCompletion',
  { type: 'integer', minimum: 1, maximum: MAX_WAIT_SECONDS },
  'Seconds to wait for the instance to finish before answering.',
);
const FAIL_AS_500 = flag(
  'returnInternalServerErrorOnFailure',
  false,
  'Answer 500 instead of 200 when the instance has failed.',
);
const FOLLOW = { Location: 'Where to read the status.', 'Retry-After': 'Seconds to wait before.' };
const FINISHED = ['410', 'The instance has already finished.'] as const;
const FAILED_STATUS = { oneOf: [ref('Problem'), ref('Instance')] };

const START = {
  summary: 'Start an instance',
  parameters: [WAIT, FAIL_AS_500],
  responses: {
    ...responses(
      {
        '200': answer('The instance has finished within the time that the request waited.', ref('Instance')),
        '202': answer(
          'The instance has started, or had been started by the same request before.',
          ref('Management'),
          FOLLOW,
        ),
      },
      ['409', 'A live instance of that id has another input or orchestration.'],
    ),
    '500': answer(
      'Something failed inside the hub, or the instance failed and the request asked for a 500 then.',
      FAILED_STATUS,
    ),
  },
};

const FILTERS = [
  {
    ...query(
      'runtimeStatus',
      { type: 'array', items: { type: 'string', enum: RUNTIME_STATUSES } },
      'Any of these statuses, separated by commas.',
    ),
    style: 'form',
    explode: false,
  },
  query('name', { type: 'string' }, 'Name of the orchestration.'),
  query('createdTimeFrom', { type: 'string', format: 'date-time' }, 'Created at or after.'),
  query('createdTimeTo', { type: 'string', format: 'date-time' }, 'Created at or before.'),
  query('instanceIdPrefix', { type: 'string' }, 'What the id begins with.'),
  query('continuationToken', { type: 'string' }, `From the header ${CONTINUATION_HEADER} of the page before.`),
];
const CONTINUED = { [CONTINUATION_HEADER]: 'Where the next page begins; missing on the last one.' };

const OPERATIONS: Readonly<Record<Exclude<HubOperation, 'startInstance' | 'startInstanceWithId'>, object>> = {
  listInstances: {
    summary: 'List instances, newest first',
    parameters: [
      query('top', { type: 'integer', minimum: 1, maximum: MAX_PAGE_SIZE }, 'Most instances on the page.'),
      flag('showInput', true, 'Whether inputs are shown; those over 4 KiB never are in a list.'),
      ...FILTERS,
    ],
    responses: responses({ '200': answer('A page.', { type: 'array', items: ref('Instance') }, CONTINUED) }),
  },
  getInstance: {
    summary: 'Read an instance',
    parameters: [
      INSTANCE_ID,
      flag('showInput', true, 'Whether the input is shown.'),
      flag('showHistory', false, 'Whether the history is shown.'),
      flag('showHistoryOutput', false, 'Whether the history shows inputs and results.'),
      FAIL_AS_500,
      WAIT,
    ],
    responses: {
      ...responses({
        '200': answer('The instance has finished.', ref('Instance')),
        '202': answer('The instance is under way.', ref('Instance'), { 'Retry-After': FOLLOW['Retry-After'] }),
      }),
      '500': answer(
        'Something failed inside the hub, or the instance failed and the request asked for a 500 then.',
        FAILED_STATUS,
      ),
    },
  },
  raiseEvent: {
    summary: 'Raise an event',
    parameters: [
      INSTANCE_ID,
      {
        name: 'eventName',
        in: 'path',
        required: true,
        schema: { type: 'string', minLength: 1, maxLength: MAX_EVENT_NAME_LENGTH, pattern: NO_CONTROL_CHARACTERS },
      },
      {
        name: IDEMPOTENCY_HEADER,
        in: 'header',
        required: false,
        description: 'An event with a key that was seen before is taken once.',
        schema: { type: 'string', minLength: 1, maxLength: 128 },
      },
    ],
    requestBody: json({}, false),
    responses: responses(
      { '202': answer('The event is delivered, or kept until the orchestration waits for it.') },
      FINISHED,
    ),
  },
  terminateInstance: {
    summary: 'Terminate an instance',
    parameters: [INSTANCE_ID, query('reason', { type: 'string' }, 'Shown as the instance’s output.')],
    responses: responses({ '202': answer('The instance and its sub-orchestrations are being stopped.') }, FINISHED),
  },
  rewindInstance: {
    summary: 'Let a failed instance go on from the step that failed',
    parameters: [INSTANCE_ID, query('reason', { type: 'string' }, 'For the sender’s own use.')],
    responses: responses(
      { '202': answer('The instance goes on, or does so since it was rewound before.') },
      ['409', 'The instance runs and was not rewound, or failed more than 14 days ago.'],
      FINISHED,
    ),
  },
  restartInstance: {
    summary: 'Run a finished instance again from the beginning',
    parameters: [INSTANCE_ID, flag('restartWithNewInstanceId', false, 'Run it as a new instance instead.')],
    responses: responses({ '202': answer('The instance has started.', ref('Management'), FOLLOW) }, [
      '409',
      'The instance is still under way.',
    ]),
  },
  purgeInstance: {
    summary: 'Delete what the hub keeps of a finished instance',
    parameters: [INSTANCE_ID],
    responses: responses({ '200': answer('It is deleted.', ref('Purged')) }, [
      '409',
      'The instance is still under way.',
    ]),
  },
  purgeInstances: {
    summary: 'Delete what the hub keeps of finished instances',
    parameters: FILTERS.map((filter) => (filter.name === 'createdTimeFrom' ? { ...filter, required: true } : filter)),
    responses: responses({
      '200': answer('They are deleted; with a continuation token, there may be more.', ref('Purged'), CONTINUED),
    }),
  },
  describeApi: {
    summary: 'This document',
    responses: responses({ '200': answer('OpenAPI 3.', { type: 'object' }) }),
  },
};

function renderSecuritySchemes(auth: ApiAuthKind): object {
  switch (auth) {
    case 'none':
      return {};
    case 'iam':
      return {
        securitySchemes: {
          iam: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'AWS Signature Version 4' },
        },
      };
    case 'jwt':
      return { securitySchemes: { jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } };
    case 'apiKey':
      return { securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } } };
  }
}
