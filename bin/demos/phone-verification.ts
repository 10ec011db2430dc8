import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { PhoneNumber } from '../../lambda/phone/send-challenge.js';
import { Activity, Chain, deadlineIn, expr, flow, type Step, waitForEvent } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/** Options of a {@link PhoneVerificationStack}. */
export interface PhoneVerificationStackProps extends DemoStackProps {
  /** Whether codes go out as text messages, by Amazon SNS, or into the function's log only. @default 'log' */
  readonly sms?: 'sns' | 'log';
}

/** A code that was sent, and until when it is good. */
interface Challenge {
  readonly code: string;
  readonly deadline: string;
}

/** How often one may mistype. */
const tries = 4;

/**
 * Verifies a phone number: sends a code of four digits, and waits for the event `SmsChallengeResponse` to bring it back, up to four times, all within one deadline of
 * 90 seconds. Puts out whether it came back.
 */
export class PhoneVerificationStack extends Stack {
  readonly sendChallenge;
  readonly phoneVerification;

  constructor(scope: Construct, id: string, { hub, sms = 'log', ...props }: PhoneVerificationStackProps) {
    super(scope, id, props);
    this.sendChallenge = new Activity<typeof import('../../lambda/phone/send-challenge.js').handler>(
      this,
      'SendChallenge',
      { entry: 'lambda/phone/send-challenge.ts', environment: { SMS: sms } },
    );
    if (sms === 'sns') {
      // A text message has no resource; this leaves out topics.
      const statement = new iam.PolicyStatement({ actions: ['sns:Publish'], notResources: ['arn:aws:sns:*:*:*'] });
      this.sendChallenge.function.addToRolePolicy(statement);
    }
    this.phoneVerification = new Chain(this, 'PhoneVerification', {
      description: 'Verifies a phone number by a code of four digits',
      hub,
      timeout: Duration.minutes(10),
      steps: flow<PhoneNumber>()
        .step('code', this.sendChallenge)
        .step('until', deadlineIn(Duration.seconds(90)))
        .step('verified', attempt(1), ({ code, until }) => ({ code, deadline: until })),
    });
  }
}

/** One try, and those after it. */
function attempt(number: number): Step<Challenge, boolean> {
  return flow<Challenge>()
    .step(`try ${number}`, waitForEvent<string>('SmsChallengeResponse'), ({ input }) => ({ deadline: input.deadline }))
    .choose({
      cases: [
        { when: (scope) => scope[`try ${number}`]!.timedOut, then: (f) => f.output(() => false) },
        {
          when: (scope) => expr<boolean>`$string(${scope[`try ${number}`]!.payload}) = ${scope.input.code}`,
          then: (f) => f.output(() => true),
        },
      ],
      otherwise: (f) =>
        number === tries ? f.output(() => false) : f.step('again', attempt(number + 1), ({ input }) => input),
    });
}
