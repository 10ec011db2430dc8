import type { QueryLanguage, StateType } from './types.js';

const PATHS = ['InputPath', 'OutputPath'];
const TRANSITION = ['Next', 'End'];
const RESULT = ['ResultSelector', 'ResultPath'];
const FAILURES = ['Retry', 'Catch'];

const EVERY_STATE = ['Type', 'Comment', 'QueryLanguage'];

const MAP = [
  'ItemProcessor',
  'Iterator',
  'ItemSelector',
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'Label',
];

const JSON_PATH: Readonly<Record<StateType, readonly string[]>> = {
  Task: [
    ...PATHS,
    'Parameters',
    ...RESULT,
    ...TRANSITION,
    ...FAILURES,
    'Resource',
    'Credentials',
    'TimeoutSeconds',
    'TimeoutSecondsPath',
    'HeartbeatSeconds',
    'HeartbeatSecondsPath',
    'Assign',
  ],
  Pass: [...PATHS, 'Parameters', 'Result', 'ResultPath', ...TRANSITION, 'Assign'],
  Choice: [...PATHS, 'Choices', 'Default', 'Assign'],
  Wait: [...PATHS, ...TRANSITION, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath', 'Assign'],
  Succeed: PATHS,
  Fail: ['Error', 'ErrorPath', 'Cause', 'CausePath'],
  Parallel: [...PATHS, 'Parameters', ...RESULT, ...TRANSITION, ...FAILURES, 'Branches', 'Assign'],
  Map: [
    ...PATHS,
    'Parameters',
    ...RESULT,
    ...TRANSITION,
    ...FAILURES,
    ...MAP,
    'ItemsPath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
    'Assign',
  ],
};

const JSONATA: Readonly<Record<StateType, readonly string[]>> = {
  Task: [
    'Arguments',
    'Output',
    'Assign',
    ...TRANSITION,
    ...FAILURES,
    'Resource',
    'Credentials',
    'TimeoutSeconds',
    'HeartbeatSeconds',
  ],
  Pass: ['Output', 'Assign', ...TRANSITION],
  Choice: ['Choices', 'Default', 'Output', 'Assign'],
  Wait: ['Seconds', 'Timestamp', 'Output', 'Assign', ...TRANSITION],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Parallel: ['Arguments', 'Output', 'Assign', ...TRANSITION, ...FAILURES, 'Branches'],
  Map: ['Items', 'Output', 'Assign', ...TRANSITION, ...FAILURES, ...MAP],
};

/** Fields by where they may stand. */
const BY_LANGUAGE = { JSONPath: JSON_PATH, JSONata: JSONATA };

/** Whether a state of this type and language may have a field. */
export function allowsField(type: StateType, language: QueryLanguage, field: string): boolean {
  return EVERY_STATE.includes(field) || BY_LANGUAGE[language][type].includes(field);
}

/** Whether a state of this type may have the field in any language. */
export function knowsField(type: StateType, field: string): boolean {
  return JSON_PATH[type].includes(field) || JSONATA[type].includes(field);
}

/** The fields that a state of this type can't do without. */
export const REQUIRED_FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Task: ['Resource'],
  Pass: [],
  Choice: ['Choices'],
  Wait: [],
  Succeed: [],
  Fail: [],
  Parallel: ['Branches'],
  Map: [],
};
