import { runStateMachine, TaskFailure } from '../../lib/testing/run-state-machine.js';

/** What runs into an expression that returns nothing, by the name under which AWS reports its field. */
const STATES: Readonly<Record<string, object>> = {
  Output: { Type: 'Pass', Output: '{% $gone[0] %}' },
  'Output/a/b[1]/c': { Type: 'Pass', Output: { a: { b: [1, { c: '{% $gone[0] %}' }] } } },
  'Assign/x[0][1]': { Type: 'Pass', Assign: { x: [[1, '{% $gone[0] %}']] } },
  'Choices[1]/Condition': {
    Type: 'Choice',
    Choices: [
      { Condition: false, Next: 'End' },
      { Condition: '{% $gone[0] %}', Next: 'End' },
    ],
    Default: 'End',
  },
  'Choices[1]/Output/v': {
    Type: 'Choice',
    Choices: [
      { Condition: false, Next: 'End' },
      { Condition: true, Output: { v: '{% $gone[0] %}' }, Next: 'End' },
    ],
  },
  'Choices[0]/Assign/x': {
    Type: 'Choice',
    Choices: [{ Condition: true, Assign: { x: '{% $gone[0] %}' }, Next: 'End' }],
  },
  'Output/own': {
    Type: 'Choice',
    Output: { own: '{% $gone[0] %}' },
    Choices: [{ Condition: true, Assign: { x: 1 }, Next: 'End' }],
  },
  'Catch[1]/Output/x': {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'f' },
    Catch: [
      { ErrorEquals: ['Other'], Next: 'End' },
      { ErrorEquals: ['States.ALL'], Output: { x: '{% $gone[0] %}' }, Next: 'End' },
    ],
    Next: 'End',
  },
  'Arguments/Payload[0]': {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'f', Payload: ['{% $gone[0] %}'] },
    Next: 'End',
  },
  Seconds: { Type: 'Wait', Seconds: '{% $gone[0] %}', Next: 'End' },
};

it.each(Object.entries(STATES))('a failed expression is reported under %s', async (field, state) => {
  const ends = 'Choices' in state || 'Next' in state ? {} : { Next: 'End' };
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Start',
    States: {
      Start: { Type: 'Pass', Assign: { gone: [] }, Next: 'S' },
      S: { ...state, ...ends },
      End: { Type: 'Succeed' },
    },
  };
  const run = await runStateMachine(definition, {
    task: () => {
      throw new TaskFailure('Busy', 'later');
    },
  });
  expect(run.error).toBe('States.QueryEvaluationError');
  expect(run.cause).toContain(
    `The JSONata expression '$gone[0]' specified for the field '${field}' returned nothing (undefined).`,
  );
});
