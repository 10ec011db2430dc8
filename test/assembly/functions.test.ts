import type { Resource } from '../../lib/assembly/model.js';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import { type StackFixture, writeApp } from './write-app.js';

/** Resolves one value inside a stack. */
function resolve(value: unknown, stack: StackFixture = {}): unknown {
  return probe(value, stack).properties['Value'];
}

function probe(value: unknown, stack: StackFixture = {}): Resource {
  const resources = { ...stack.resources, Probe: { Type: 'Test::Probe', Properties: { Value: value } } };
  const assembly = readAssembly(writeApp({ stacks: { Demo: { ...stack, resources } } }));
  return assembly.ofType('Test::Probe')[0]!;
}

const TABLE = { Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'orders' } } };

describe('CloudFormation functions', () => {
  test.each([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref of the account', { Ref: 'AWS::AccountId' }, '123456789012'],
    ['Ref of the stack name', { Ref: 'AWS::StackName' }, 'Demo'],
    ['Ref of a named resource', { Ref: 'Table' }, 'orders'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:123456789012:table/orders'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:us-east-1:123456789012:table/orders'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 3]] }, 'a-orders-3'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::Partition}/${Table}/${Table.Arn}/${!kept}' },
      'aws/orders/arn:aws:dynamodb:us-east-1:123456789012:table/orders/${kept}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${Name}!', { Name: { Ref: 'Table' } }] }, 'orders!'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
    ['GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Table' } } }, '{"a":"orders"}'],
    ['Length', { 'Fn::Length': [1, 2] }, 2],
    ['NoValue inside an object', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['NoValue inside a list', [{ Ref: 'AWS::NoValue' }, 1], [1]],
    [
      'an object with one key that is no function',
      { Condition: { StringEquals: {} } },
      { Condition: { StringEquals: {} } },
    ],
  ])('%s', (_name, value, expected) => {
    expect(resolve(value, { resources: TABLE })).toEqual(expected);
  });

  test('If chooses by a condition over parameters', () => {
    const stack = {
      parameters: { Stage: { Type: 'String', Default: 'prod' } },
      conditions: {
        IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
        Both: { 'Fn::And': [{ Condition: 'IsProd' }, { 'Fn::Not': [{ 'Fn::Or': [{ 'Fn::Equals': ['a', 'b'] }] }] }] },
      },
    };
    expect(resolve({ 'Fn::If': ['Both', 'yes', 'no'] }, stack)).toBe('yes');
    expect(resolve({ 'Fn::If': ['IsProd', { Ref: 'AWS::NoValue' }, 'no'] }, stack)).toBeUndefined();
  });

  test('FindInMap reads a mapping, or its default', () => {
    const stack = { mappings: { Sizes: { 'us-east-1': { small: 1 } } } };
    expect(resolve({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, stack)).toBe(1);
    expect(resolve({ 'Fn::FindInMap': ['Sizes', 'nowhere', 'small', { DefaultValue: 7 }] }, stack)).toBe(7);
  });

  test('a list parameter is a list', () => {
    const stack = { parameters: { Names: { Type: 'CommaDelimitedList', Default: 'a, b' } } };
    expect(resolve({ Ref: 'Names' }, stack)).toEqual(['a', 'b']);
  });

  test.each([
    [{ Ref: 'Nothing' }, '`Demo/Probe.Value`: expected a resource or parameter of stack Demo, got `Nothing`'],
    [
      { 'Fn::GetAtt': ['Table', 'Colour'] },
      '`Demo/Table`: expected an attribute out of Arn, TableId, StreamArn, got `AWS::DynamoDB::Table.Colour`',
    ],
    [{ 'Fn::Transform': {} }, 'got `Fn::Transform`; the local cloud cannot evaluate it'],
    [{ 'Fn::Select': [5, ['a']] }, '`Demo/Probe.Value`: expected an index inside the list of Fn::Select, got `5`'],
    [
      { deep: { text: '{{resolve:ssm:/x}}' } },
      '`Demo/Probe.Value.deep.text`: expected a value that the template holds, got the dynamic reference `{{resolve:ssm:/x}}`',
    ],
    [
      { 'Fn::ImportValue': 'gone' },
      '`Demo/Probe.Value`: expected an export of a stack of this app, got `Fn::ImportValue` of `gone`',
    ],
    [
      { 'Fn::If': ['Nope', 1, 2] },
      "`Demo/Probe.Value`: expected a condition of the template's `Conditions`, got `Nope`",
    ],
  ])('refuses %j by resource and property', (value, message) => {
    const resource = probe(value, { resources: TABLE });
    expect(() => resource.properties['Value']).toThrow(message);
  });

  test('a parameter without a value is refused, and so is one from Parameter Store', () => {
    const parameters = {
      Key: { Type: 'String' },
      Ami: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/ami' },
    };
    expect(() => resolve({ Ref: 'Key' }, { parameters })).toThrow('expected a value for parameter Key, got none');
    expect(() => resolve({ Ref: 'Ami' }, { parameters })).toThrow(
      'parameter Ami, read from Parameter Store at deployment',
    );
  });

  test('only the property that is read is resolved', () => {
    const resources = { Probe: { Type: 'Test::Probe', Properties: { Good: 1, Bad: { Ref: 'Nothing' } } } };
    const resource = readAssembly(writeApp({ stacks: { Demo: { resources } } })).resources[0]!;
    expect(resource.properties['Good']).toBe(1);
    expect(() => resource.properties['Bad']).toThrow('`Demo/Probe.Bad`');
  });

  test('a name that depends on itself is refused rather than followed for ever', () => {
    const resources = {
      Loop: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { 'Fn::GetAtt': ['Loop', 'Arn'] } } },
    };
    const resource = readAssembly(writeApp({ stacks: { Demo: { resources } } })).resources[0]!;
    expect(() => resource.ref).toThrow('`Demo/Loop.TableName`: expected a value, got one that depends on itself');
  });
});
