import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Activity, Chain, flow, monitor } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/** A monitor: the weather of a city is polled every half hour until the sky is clear, for 6 hours at most; then somebody is told. */
export class WeatherMonitorStack extends Stack {
  readonly getWeather;
  readonly sendAlert;
  readonly weatherMonitor;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    this.getWeather = new Activity<typeof import('../../lambda/weather/get-weather.js').handler>(this, 'GetWeather', {
      entry: 'lambda/weather/get-weather.ts',
    });
    this.sendAlert = new Activity<typeof import('../../lambda/weather/send-alert.js').handler>(this, 'SendAlert', {
      entry: 'lambda/weather/send-alert.ts',
    });
    this.weatherMonitor = new Chain(this, 'WeatherMonitor', {
      hub,
      description: 'Waits for a clear sky, then sends an alert',
      timeout: Duration.hours(12),
      steps: flow<{ readonly city: string; readonly phone: string }>()
        .step(
          'weather',
          monitor({
            poll: this.getWeather,
            input: ({ input }) => ({ city: input.city }),
            until: (weather) => weather.isClear,
            interval: Duration.minutes(30),
            deadline: Duration.hours(6),
          }),
        )
        .choose({
          when: ({ weather }) => weather.timedOut,
          then: (f) => f.output(({ input, weather }) => ({ city: input.city, clear: false, polls: weather.polls })),
          otherwise: (f) =>
            f
              .step('alert', this.sendAlert, ({ input }) => ({ city: input.city, phone: input.phone }))
              .output(({ input, weather }) => ({ city: input.city, clear: true, polls: weather.polls })),
        }),
    });
  }
}
