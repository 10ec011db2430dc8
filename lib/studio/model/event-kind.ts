/** What an event's type says. */
interface EventKind {
  readonly enters: boolean;
  readonly exits: boolean;
  readonly schedules: boolean;
  readonly succeeds: boolean;
  readonly fails: boolean;
  readonly aborts: boolean;
  readonly isOfExecution: boolean;
  readonly isOfIteration: boolean;
  /** The type of the state that ends, and how. */
  readonly ends?: { readonly type: string; readonly how: string };
}

const CALL_FAILED = /^(Task|LambdaFunction|Activity)(Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/;
const CONTAINER_FAILED = /^((Map|Parallel)StateFailed|MapRunFailed|MapIterationFailed)$/;

/** A history has thousands of events, and some forty types: each is read once. */
const kinds = new Map<string, EventKind>();

export function kindOf(type: string): EventKind {
  let kind = kinds.get(type);
  if (kind === undefined) {
    kind = readKind(type);
    kinds.set(type, kind);
  }
  return kind;
}

function readKind(type: string): EventKind {
  const [, ended, how] = /^(Map|Parallel|Task|Wait)State(Aborted|Failed|Succeeded)$/.exec(type) ?? [];
  return {
    enters: type.endsWith('StateEntered'),
    exits: type.endsWith('StateExited'),
    schedules: type.endsWith('Scheduled'),
    succeeds: /^(Task|LambdaFunction|Activity)Succeeded$/.test(type),
    fails: CALL_FAILED.test(type) || CONTAINER_FAILED.test(type) || type === 'EvaluationFailed',
    aborts: /^(Task|Wait|Map|Parallel)StateAborted$/.test(type),
    isOfExecution: type.startsWith('Execution'),
    isOfIteration: type.startsWith('MapIteration'),
    ...(ended === undefined || how === undefined ? {} : { ends: { type: ended, how } }),
  };
}
