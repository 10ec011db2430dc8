import { RUNTIME_STATUSES } from '../runtime-status.js';

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const text: JsonSchema = { type: 'string' };

/** What the bodies of a hub's HTTP API look like. */
export const OPENAPI_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: 'object',
    required: ['message'],
    properties: {
      error: { ...text, description: 'A stable code; missing when the gateway itself answers.' },
      message: text,
    },
  },
  Management: {
    type: 'object',
    required: [
      'id',
      'statusQueryGetUri',
      'sendEventPostUri',
      'terminatePostUri',
      'rewindPostUri',
      'restartPostUri',
      'purgeHistoryDeleteUri',
    ],
    properties: {
      id: text,
      statusQueryGetUri: text,
      sendEventPostUri: text,
      terminatePostUri: text,
      rewindPostUri: text,
      restartPostUri: text,
      purgeHistoryDeleteUri: text,
    },
  },
  Instance: {
    type: 'object',
    required: [
      'name',
      'instanceId',
      'runtimeStatus',
      'input',
      'customStatus',
      'output',
      'createdTime',
      'lastUpdatedTime',
    ],
    properties: {
      name: text,
      instanceId: text,
      runtimeStatus: { type: 'string', enum: RUNTIME_STATUSES },
      input: { nullable: true },
      customStatus: { nullable: true },
      output: {
        nullable: true,
        description: 'The result; `{error, message}` when Failed, the reason when Terminated.',
      },
      createdTime: { type: 'string', format: 'date-time' },
      lastUpdatedTime: { type: 'string', format: 'date-time' },
      orphaned: { type: 'boolean', description: 'Present, and true, when its orchestration was removed.' },
      historyEvents: {
        type: 'array',
        items: {
          type: 'object',
          required: ['EventType', 'Timestamp'],
          properties: { EventType: text, Timestamp: text, Name: text },
        },
      },
    },
  },
  Purged: { type: 'object', required: ['instancesDeleted'], properties: { instancesDeleted: { type: 'integer' } } },
};
