import { DurableStepsError } from '../../errors.js';
import type { LocalFunctions } from '../../local/functions/local-functions.js';
import { ActivityDouble, type Stub } from './activity-double.js';

// biome-ignore lint/suspicious/noExplicitAny: the activity's types are known to whoever asks for its double
export type AnyDouble = ActivityDouble<any, any>;

// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyStub = Stub<any, any>;

/** Anything with a function behind it: an `Activity` of durable-steps, or a `lambda.Function`. */
export interface ActivityConstruct {
  readonly node: { readonly path: string };
  /** An activity's Lambda function. */
  readonly function?: { readonly node: { readonly path: string } };
}

/** The functions of an app as doubles: each one's calls are noted, and answered by a stub where there is one. */
export class Activities {
  private readonly doubles = new Map<string, AnyDouble>();

  constructor(functions: LocalFunctions, now: () => number) {
    for (const { path } of functions.configs) this.doubles.set(path, new ActivityDouble(path, now));
    const running = new Map<string, ReturnType<ActivityDouble['begin']>>();
    functions.intercept((call) => {
      const begun = this.doubles.get(call.function.path)?.begin(call);
      if (begun !== undefined) running.set(call.requestId, begun);
      return begun?.answer;
    });
    functions.onCall(({ requestId, invocation }) => {
      running.get(requestId)?.finish(invocation.payload, invocation.functionError !== undefined, invocation.log);
      running.delete(requestId);
    });
  }

  /** Every function's double. */
  get all(): readonly AnyDouble[] {
    return [...this.doubles.values()];
  }

  /** The double of an activity, by object, construct id, path or the path's end. */
  get(activity: ActivityConstruct | string): AnyDouble {
    const wanted = typeof activity === 'string' ? activity : (activity.function ?? activity).node.path;
    const found = this.all.filter(({ path }) => isCalled(path, wanted));
    const exact = found.find(({ path }) => [wanted, `${wanted}/Function`].includes(path));
    const [only, ...others] = exact === undefined ? found : [exact];
    if (only !== undefined && others.length === 0) return only;
    throw this.refuse(wanted, found);
  }

  private refuse(wanted: string, found: readonly AnyDouble[]): DurableStepsError {
    const paths = (found.length > 0 ? found : this.all).map(({ path }) => path.replace(/\/Function$/, ''));
    return new DurableStepsError(found.length > 0 ? 'AmbiguousActivity' : 'UnknownActivity', {
      where: wanted,
      expected: 'the id or path of one activity of this app',
      got: found.length > 0 ? `what ${found.length} are called` : 'an unknown name',
      fix: `there are: ${paths.join(', ')}`,
    });
  }
}

/** An activity's function is called `Function` inside: people call it by the activity's id. */
function isCalled(path: string, wanted: string): boolean {
  return [path, path.replace(/\/Function$/, '')].some((name) => name === wanted || name.endsWith(`/${wanted}`));
}
