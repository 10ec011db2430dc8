import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import { assetCode, writeApp } from './write-app.js';

const QUEUE = { Type: 'AWS::SQS::Queue' };

describe('readAssembly', () => {
  test('finds resources of every stack with their construct paths', () => {
    const directory = writeApp({
      stacks: {
        Shop: { resources: { Q1: QUEUE, M1: { Type: 'AWS::CDK::Metadata' } }, paths: { Q1: 'Orders/Resource' } },
        Mail: { resources: { Q1: QUEUE } },
      },
    });
    const assembly = readAssembly(directory);
    expect(assembly.resources.map(({ path, type }) => [path, type])).toEqual([
      ['Shop/Orders', 'AWS::SQS::Queue'],
      ['Shop/M1', 'AWS::CDK::Metadata'],
      ['Mail/Q1', 'AWS::SQS::Queue'],
    ]);
  });

  test('leaves out resources whose condition does not hold', () => {
    const resources = { On: { ...QUEUE, Condition: 'Yes' }, Off: { ...QUEUE, Condition: 'No' } };
    const conditions = { Yes: { 'Fn::Equals': ['1', '1'] }, No: { 'Fn::Equals': ['1', '2'] } };
    const assembly = readAssembly(writeApp({ stacks: { Demo: { resources, conditions } } }));
    expect(assembly.resources.map(({ logicalId }) => logicalId)).toEqual(['On']);
  });

  test('leads queue URLs and the URLs of own HTTP APIs to the local endpoint, and no others', () => {
    const url = [
      'https://',
      { Ref: 'Api' },
      '.execute-api.',
      { Ref: 'AWS::Region' },
      '.',
      { Ref: 'AWS::URLSuffix' },
      '/v1',
    ];
    const directory = writeApp({
      stacks: {
        Demo: {
          resources: {
            Queue: QUEUE,
            Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'shop' } },
            Probe: {
              Type: 'Test::Probe',
              Properties: {
                Url: { 'Fn::Join': ['', url] },
                Endpoint: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
                Queue: { Ref: 'Queue' },
                Foreign: 'https://abc.execute-api.us-east-1.amazonaws.com/x',
              },
            },
          },
        },
      },
    });
    const local = readAssembly(directory, { endpoint: 'http://127.0.0.1:9' });
    const id = local.ofType('AWS::ApiGatewayV2::Api')[0]!.ref;
    expect({ ...local.ofType('Test::Probe')[0]!.properties }).toEqual({
      Url: `http://127.0.0.1:9/apis/${id}/v1`,
      Endpoint: `http://127.0.0.1:9/apis/${id}`,
      Queue: 'http://127.0.0.1:9/123456789012/Demo-Queue',
      Foreign: 'https://abc.execute-api.us-east-1.amazonaws.com/x',
    });
    const onAws = readAssembly(directory).ofType('Test::Probe')[0]!.properties;
    expect(onAws['Url']).toBe(`https://${id}.execute-api.us-east-1.amazonaws.com/v1`);
  });

  test('a stack with an environment of its own keeps account and region', () => {
    const directory = writeApp({
      stacks: {
        Demo: { resources: { Topic: { Type: 'AWS::SNS::Topic' } }, environment: 'aws://111111111111/cn-north-1' },
      },
    });
    expect(readAssembly(directory).resources[0]!.ref).toBe('arn:aws-cn:sns:cn-north-1:111111111111:Demo-Topic');
  });

  test('cross-stack references follow exports and outputs', () => {
    const assembly = readAssembly(
      writeApp({
        stacks: {
          Producer: {
            resources: { Queue: QUEUE },
            outputs: {
              Out: {
                Value: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Arn' } },
              },
            },
          },
          Consumer: {
            resources: {
              Probe: {
                Type: 'Test::Probe',
                Properties: {
                  Strong: { 'Fn::ImportValue': 'Producer:Arn' },
                  Weak: { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'Out' } },
                },
              },
            },
          },
        },
      }),
    );
    const arn = 'arn:aws:sqs:us-east-1:123456789012:Producer-Queue';
    expect({ ...assembly.ofType('Test::Probe')[0]!.properties }).toEqual({ Strong: arn, Weak: arn });
  });

  test('a nested stack gets its parameters from its parent and gives its outputs back', () => {
    const nested = {
      Parameters: { Name: { Type: 'String' } },
      Resources: { Inner: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Name' } } } },
      Outputs: { Url: { Value: { 'Fn::GetAtt': ['Inner', 'Arn'] } } },
    };
    const key = 'nested0';
    const assembly = readAssembly(
      writeApp({
        stacks: {
          Demo: {
            resources: {
              Nest: {
                Type: 'AWS::CloudFormation::Stack',
                Properties: {
                  TemplateURL: { 'Fn::Sub': `https://s3.\${AWS::Region}.\${AWS::URLSuffix}/bucket/${key}.json` },
                  Parameters: { Name: { 'Fn::Join': ['-', ['from', { Ref: 'AWS::StackName' }]] } },
                },
              },
              Probe: { Type: 'Test::Probe', Properties: { Url: { 'Fn::GetAtt': ['Nest', 'Outputs.Url'] } } },
            },
            paths: { Nest: 'Nest.NestedStack/Nest.NestedStackResource', Inner: 'Nest/Inner/Resource' },
          },
        },
        templates: { [key]: nested },
      }),
    );
    expect(assembly.ofType('AWS::SQS::Queue').map(({ path }) => path)).toEqual(['Demo/Nest/Inner']);
    expect(assembly.ofType('Test::Probe')[0]!.properties['Url']).toBe('arn:aws:sqs:us-east-1:123456789012:from-Demo');
  });

  test('stages are nested assemblies', () => {
    const root = mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
    mkdirSync(join(root, 'assembly-Prod'));
    writeApp({ stacks: { Inner: { resources: { Queue: QUEUE } } } }, join(root, 'assembly-Prod'));
    const artifacts = {
      'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
    };
    writeFileSync(join(root, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
    expect(readAssembly(root).resources.map(({ path }) => path)).toEqual(['Inner/Queue']);
  });

  test('finds the directory behind a function and a resource behind an ARN', () => {
    const directory = writeApp({
      stacks: {
        Demo: { resources: { Fn: { Type: 'AWS::Lambda::Function', Properties: { Code: assetCode('abc') } } } },
      },
      assets: { abc: { 'index.js': '' } },
    });
    const assembly = readAssembly(directory);
    const [function_] = assembly.resources;
    const { S3Bucket: bucket, S3Key: key } = function_!.properties['Code'] as Record<string, string>;
    expect(assembly.tryAsset(function_!.stack, bucket!, key!)).toBe(join(directory, 'asset.abc'));
    expect(assembly.tryAsset(function_!.stack, 'elsewhere', 'other.zip')).toBeUndefined();
    expect(assembly.tryFindByArn('arn:aws:lambda:us-east-1:123456789012:function:Demo-Fn')).toBe(function_);
  });

  test('names stay within the service’s limit and differ', () => {
    const long = 'x'.repeat(80);
    const resources = {
      [`${long}1`]: { Type: 'AWS::Lambda::Function' },
      [`${long}2`]: { Type: 'AWS::Lambda::Function' },
    };
    const names = readAssembly(writeApp({ stacks: { Demo: { resources } } })).resources.map(({ ref }) => ref);
    expect(names.map(({ length }) => length)).toEqual([64, 64]);
    expect(new Set(names).size).toBe(2);
  });

  test('refuses a directory that is no synthesized app', () => {
    const empty = mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
    expect(() => readAssembly(empty)).toThrow('got a directory without manifest.json; synthesize the app first');
    expect(() => readAssembly(join(empty, 'no'))).toThrow('got no such directory');
    writeFileSync(join(empty, 'manifest.json'), '{');
    expect(() => readAssembly(empty)).toThrow('expected the manifest of a CDK app in JSON');
  });

  const files = ['manifest.json', 'Demo.assets.json', 'Demo.template.json', 'tree.json', 'Demo.metadata.json'];
  const broken = files.flatMap((file) => ['null', '[]', '"text"', '7'].map((text) => [file, text] as const));

  test.each(broken)('refuses a %s that is %s', (file, text) => {
    const directory = writeApp({ stacks: { Demo: { resources: { Queue: QUEUE } } } });
    const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    artifacts.Tree = { type: 'cdk:tree', properties: { file: 'tree.json' } };
    artifacts.Demo.additionalMetadataFile = 'Demo.metadata.json';
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
    writeFileSync(join(directory, 'tree.json'), '{}');
    writeFileSync(join(directory, 'Demo.metadata.json'), '{}');
    expect(readAssembly(directory).resources).toHaveLength(1);
    writeFileSync(join(directory, file), text);
    expect(() => readAssembly(directory)).toThrow(
      expect.objectContaining({ code: 'UnreadableAssembly', message: expect.stringContaining(file) as unknown }),
    );
  });

  test.each(
    ['manifest.json', 'Demo.assets.json'].flatMap((file) =>
      ['{}', '{"version":36}', '{"version":"next"}', '{"version":null}'].map((text) => [file, text] as const),
    ),
  )('refuses a %s of no version: %s', (file, text) => {
    const directory = writeApp({ stacks: { Demo: { resources: { Queue: QUEUE } } } });
    writeFileSync(join(directory, file), text);
    expect(() => readAssembly(directory)).toThrow(/version`: expected .* for example "36\.0\.0"/);
  });
});
