import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Round } from '../../lambda/periodic/do-round.js';
import { Activity, flow, Monitor } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/**
 * An eternal orchestration: every 30 seconds a round, a counter carried over from round to round, and shown as custom status. Started over HTTP under a fixed id
 * (`POST /orchestrations/periodic-task/the-periodic-task`), so that there is only one, however often it is started; stopped by terminating it.
 */
export class PeriodicTaskStack extends Stack {
  readonly doRound;
  readonly periodicTask;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    this.doRound = new Activity<typeof import('../../lambda/periodic/do-round.js').handler>(this, 'DoRound', {
      entry: 'lambda/periodic/do-round.ts',
    });
    this.periodicTask = new Monitor(this, 'PeriodicTask', {
      hub,
      description: 'Does a round every 30 seconds, until it is terminated',
      poll: flow<Round>()
        .step('round', this.doRound)
        .customStatus(({ round }) => ({ timesRun: round.timesRun }))
        .output(({ round }) => round),
      input: ({ carried }) => ({ timesRun: carried.timesRun }),
      interval: Duration.seconds(30),
      carry: {
        initial: () => ({ timesRun: 0 }),
        next: (result) => ({ timesRun: result.timesRun }),
      },
    });
  }
}
