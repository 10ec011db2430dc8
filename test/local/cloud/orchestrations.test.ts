import {
  findOrchestration,
  type RunningOrchestration,
  readOrchestration,
} from '../../../lib/local/cloud/orchestrations.js';
import { resource } from '../loopback.js';

function orchestration(path: string): RunningOrchestration {
  const id = path.split('/').at(-1)!;
  const name = path.replaceAll('/', '-');
  return {
    id,
    path,
    logicalId: `${name}0A1B`,
    name,
    stateMachineArn: `arn:aws:states:r:a:stateMachine:${name}`,
    type: 'STANDARD',
  };
}

const ALL = ['Shop/Order', 'Shop/Nested/Pay', 'Mail/Order', 'Mail/Send'].map(orchestration);
const found = (wanted: string): string => findOrchestration(ALL, wanted).path;

describe('an orchestration is found', () => {
  test.each([
    ['by construct id', 'Send', 'Mail/Send'],
    ['by path', 'Shop/Order', 'Shop/Order'],
    ['by the end of its path', 'Nested/Pay', 'Shop/Nested/Pay'],
    ['by state machine name', 'Mail-Order', 'Mail/Order'],
    ['by ARN', 'arn:aws:states:r:a:stateMachine:Mail-Send', 'Mail/Send'],
    ['by logical id', 'Mail-Send0A1B', 'Mail/Send'],
  ])('%s', (_how, wanted, path) => expect(found(wanted)).toBe(path));

  test('an id that several have is refused with the paths to choose from', () => {
    expect(() => found('Order')).toThrow(
      '`Order`: expected the name of one orchestration, got a name of 2; say which: Shop/Order, Mail/Order',
    );
  });

  test('an unknown name is refused with a suggestion only when one is near', () => {
    expect(() => found('send')).toThrow('did you mean `Send`?');
    expect(() => found('Completely')).toThrow('got an unknown name; there are: Order, Pay, Order, Send');
    expect(() => findOrchestration([], 'x')).toThrow('this app has no orchestrations');
  });
});

describe('its id', () => {
  const idOf = (path: string): string => {
    const made = resource('AWS::StepFunctions::StateMachine', 'M', {}, { ref: 'arn', attributes: { Name: 'm' } });
    return readOrchestration({ ...made, path }).id;
  };
  test.each([
    ['Demo/HelloSequence', 'HelloSequence'],
    ['Demo/HelloSequence/StateMachine', 'HelloSequence'],
    ['Demo/Parent/Child/StateMachine', 'Child'],
    ['Demo/StateMachine', 'StateMachine'],
  ])('of %s is %s', (path, id) => expect(idOf(path)).toBe(id));
});
