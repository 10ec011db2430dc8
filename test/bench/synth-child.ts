import * as path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Activity } from '../../lib/index.js';

/**
 * Synthesizes an app of `count` functions in one of three ways, and prints the milliseconds from `new App` to the end of `synth`. All modules are loaded before.
 * Arguments: how, count, the directory with the functions, the output directory.
 */
const [how, count, sources, outdir] = process.argv.slice(2) as [string, string, string, string];

const common = {
  runtime: lambda.Runtime.NODEJS_24_X,
  architecture: lambda.Architecture.ARM_64,
  memorySize: 512,
  timeout: Duration.minutes(1),
  environment: { NODE_OPTIONS: '--enable-source-maps' },
};

const makers: Readonly<Record<string, (stack: Stack, index: number) => void>> = {
  activity: (stack, index) => {
    new Activity(stack, `Function${index}`, { entry: path.join(sources, `${index}`, 'index.ts') });
  },
  nodejs: (stack, index) => {
    new NodejsFunction(stack, `Function${index}`, {
      ...common,
      entry: path.join(sources, `${index}`, 'index.ts'),
      depsLockFilePath: path.resolve('package-lock.json'),
      bundling: { minify: true, sourceMap: true, sourcesContent: false, format: OutputFormat.ESM, externalModules: [] },
    });
  },
  prebuilt: (stack, index) => {
    const code = lambda.Code.fromAsset(path.join(sources, 'built', `${index}`));
    new lambda.Function(stack, `Function${index}`, { ...common, handler: 'index.handler', code });
  },
};

const start = performance.now();
const app = new App({ outdir });
const stack = new Stack(app, 'Bench');
for (let index = 0; index < Number(count); index++) makers[how]!(stack, index);
app.synth();
console.log(`\n${performance.now() - start}`);
