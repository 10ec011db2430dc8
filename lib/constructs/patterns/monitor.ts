import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DurableStepsError } from '../../errors.js';
import type { AnyStep, Step } from '../../flow/compiler/step.js';
import type { Ref } from '../../flow/language/reference.js';
import type { Shape } from '../../flow/language/shape.js';
import { LONGEST_LIFE } from '../../flow/language/span.js';
import { ETERNAL, type EternalOptions, eternalStep } from '../../flow/steps/monitor/eternal.js';
import {
  MONITOR,
  type Monitored,
  type MonitorOptions,
  type MonitorResult,
  monitor,
} from '../../flow/steps/monitor/monitor.js';
import { ANYTHING } from '../../options/kinds.js';
import { checkProps, optionsOf } from '../check-props.js';
import { ORCHESTRATION, Orchestration, type OrchestrationProps } from '../orchestration.js';
import { machineOf } from '../scoped-machine.js';

/** What the callbacks of a {@link Monitor} receive. */
export interface MonitorScope<I> {
  readonly input: Ref<I>;
}

/** What every {@link Monitor} has. */
export interface MonitorBase<I> extends OrchestrationProps {
  /** The type of the input, as `shape<…>()`. @default - what `poll` takes */
  readonly takes?: Shape<I>;
}

/** A monitor that ends when a condition holds or a deadline has come. */
export interface MonitorProps<I, PollIn, Result, OnTimeout>
  extends MonitorBase<I>,
    MonitorOptions<MonitorScope<I>, PollIn, Result, OnTimeout> {
  readonly carry?: never;
}

/** A monitor that never ends: it is stopped by terminating it. */
export interface EternalMonitorProps<I, PollIn, Result, Carried>
  extends MonitorBase<I>,
    EternalOptions<I, PollIn, Result, Carried> {
  readonly until?: never;
  readonly deadline?: never;
  readonly onTimeout?: never;
}

interface AnyProps extends OrchestrationProps {
  readonly poll: AnyStep;
  readonly deadline?: { toSeconds(options?: { readonly integral?: boolean }): number };
}

/**
 * A monitor as an orchestration of its own: it polls until a condition holds or a deadline has come. The options are those of the step `monitor`; however often it
 * polls, no history gets too long.
 *
 * Without `until` and `deadline` it is eternal: it polls until it is terminated, carries state over from poll to poll, and before a history is full goes on as a fresh
 * execution under the same public id.
 *
 * @example
 * new Monitor(this, 'WeatherMonitor', {
 *   poll: getWeather,
 *   until: (weather) => weather.isClear,
 *   interval: Duration.minutes(30),
 *   deadline: Duration.hours(6),
 * })
 * @example
 * new Monitor(this, 'PeriodicTask', {
 *   poll: cleanUp,
 *   carry: { initial: { round: 1 }, next: (_result, { carried }) => ({ round: expr<number>`${carried.round} + 1` }) },
 *   input: ({ carried }) => ({ round: carried.round }),
 *   interval: Duration.seconds(30),
 * })
 */
export class Monitor<
  PollIn,
  Result,
  I = PollIn,
  OnTimeout extends 'return' | 'fail' | Step<MonitorResult<Result>, unknown> | undefined = undefined,
  Carried = null,
> extends Orchestration<I, Monitored<Result, OnTimeout>> {
  constructor(scope: Construct, id: string, props: MonitorProps<I, PollIn, Result, OnTimeout>);
  constructor(scope: Construct, id: string, props: EternalMonitorProps<I, PollIn, Result, Carried>);
  constructor(
    scope: Construct,
    id: string,
    props: MonitorProps<I, PollIn, Result, OnTimeout> | EternalMonitorProps<I, PollIn, Result, Carried>,
  ) {
    checkProps(scope, id, props, props?.until === undefined && props?.deadline === undefined ? FOREVER : UNTIL);
    const path = `${scope.node.path}/${id}`.replace(/^\//, '');
    const timeout = chooseTimeout(path, props);
    if (props.until === undefined) {
      const whole = eternalStep(path, optionsOf<EternalOptions<I, PollIn, Result, Carried>>(props, ETERNAL));
      super(scope, id, { stepName: id, compile: (site) => whole.compile(site) }, { ...props, timeout });
    } else {
      super(
        scope,
        id,
        machineOf(
          id,
          monitor(optionsOf<MonitorOptions<MonitorScope<I>, PollIn, Result, OnTimeout>>(props, MONITOR)),
          props.poll.stepName,
        ),
        { ...props, timeout },
      );
    }
  }
}

const UNTIL = { ...ORCHESTRATION, ...MONITOR, takes: ANYTHING };
const FOREVER = { ...ORCHESTRATION, ...ETERNAL, takes: ANYTHING };

/** An execution of an eternal monitor polls for 30 days at most. */
const eternalTimeout = Duration.days(60);

/** Long enough for the deadline, since what ends the whole instance is no outcome of the monitor. */
function chooseTimeout(path: string, { timeout, deadline }: AnyProps): Duration {
  if (deadline === undefined) return timeout ?? eternalTimeout;
  const seconds = deadline.toSeconds({ integral: false });
  if (timeout === undefined) return Duration.seconds(Math.min(Math.ceil(seconds) + 86_400, LONGEST_LIFE));
  if (timeout.isUnresolved() || timeout.toSeconds({ integral: false }) > seconds) return timeout;
  throw new DurableStepsError('InvalidOption', {
    where: `${path}.timeout`,
    expected: `more than the deadline of ${seconds} s`,
    got: `${timeout.toSeconds({ integral: false })} s`,
    fix: 'omit it for the deadline and a day',
  });
}
