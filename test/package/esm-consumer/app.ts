import { App, Duration, Stack } from 'aws-cdk-lib';
import { Activity, Chain, DurableStepsError, flow } from 'durable-steps';

const app = new App();
const stack = new Stack(app, 'Greeter');
const greet = new Activity<typeof import('./greet.js').handler>(stack, 'GreetActivity', {
  entry: 'greet.ts',
  timeout: Duration.seconds(10),
  retry: { maxAttempts: 2 },
});
new Chain(stack, 'Greet', {
  steps: flow<{ readonly name: string }>()
    .step('greeting', greet)
    .output(({ greeting }) => ({ greeting })),
});
try {
  new Chain(stack, 'Empty', { steps: flow() });
} catch (error) {
  if (!(error instanceof DurableStepsError)) throw error;
}
app.synth();
