/** A state of a definition while it is being built: Amazon States Language, not yet linked. */
export interface State {
  Type: string;
  Next?: string;
  End?: true;
  Assign?: Record<string, unknown>;
  Output?: unknown;
  Catch?: RenderedCatcher[];
  [field: string]: unknown;
}

/** An entry of a state's `Catch`. */
export interface RenderedCatcher {
  ErrorEquals: readonly string[];
  Next?: string;
  Assign?: Record<string, unknown>;
  Output?: unknown;
}

/** A rule of a Choice state. */
export interface ChoiceRule {
  Condition: string;
  Next?: string;
  Assign?: Record<string, unknown>;
  Output?: unknown;
}

/**
 * A way out of a fragment, to be linked to what comes next: a state's `Next`, a Choice rule, a Choice's `Default`, or a catcher.
 */
export class Exit {
  private constructor(
    /** The state that is left here. */
    readonly state: State,
    private readonly owner: State | ChoiceRule | RenderedCatcher,
    private readonly link: 'Next' | 'Default',
    private readonly canEnd: boolean,
    private value: string,
  ) {}

  /** JSONata of the value that leaves here; valid in this exit's own `Assign` and `Output`. */
  get result(): string {
    return this.value;
  }

  /** Out of a Task, Pass, Wait, Map or Parallel state. */
  static ofState(state: State, result: string): Exit {
    return new Exit(state, state, 'Next', true, result);
  }

  /** Out of a Choice state by a rule. Its value is the state's input. */
  static ofRule(state: State, rule: ChoiceRule): Exit {
    return new Exit(state, rule, 'Next', false, '$states.input');
  }

  /** Out of a Choice state when no rule matches. Its value is the state's input. */
  static ofDefault(state: State): Exit {
    return new Exit(state, state, 'Default', false, '$states.input');
  }

  /** Out of a state by a caught error. `result` reads `$states.errorOutput`. */
  static ofCatcher(state: State, catcher: RenderedCatcher, result: string): Exit {
    return new Exit(state, catcher, 'Next', false, result);
  }

  next(state: string): void {
    (this.owner as Record<string, unknown>)[this.link] = state;
  }

  /** Ends the machine here, where the language allows it; otherwise false, and a Succeed state must follow. */
  tryEnd(): boolean {
    if (this.canEnd) (this.owner as State).End = true;
    return this.canEnd;
  }

  assign(variable: string, value: unknown): void {
    this.owner.Assign = { ...this.owner.Assign, [variable]: value };
  }

  /** Replaces the value that leaves here; `result` is the same as one expression. */
  output(value: unknown, result: string): void {
    this.owner.Output = value;
    this.value = result;
    if (this.link === 'Default') keepInput((this.owner as State)['Choices'] as ChoiceRule[]);
  }
}

/** A rule of a Choice without an Output of its own would take the state's, which is that of the default. */
function keepInput(rules: readonly ChoiceRule[]): void {
  for (const rule of rules) rule.Output ??= '{% $states.input %}';
}

/** States that belong together: where they start, and the ways out. */
export interface Fragment {
  readonly start: string;
  readonly exits: readonly Exit[];
  /** What leaves it is known to be a list. @default false */
  readonly isList?: boolean;
  /** A state that was written to end the whole workflow with success, and now leaves by an exit: nothing may follow. */
  readonly endsEarly?: string;
}

/** Orders a state's fields as a reader expects them. */
export function orderFields(state: State): State {
  const order = [
    'Type',
    'Comment',
    'QueryLanguage',
    'Resource',
    'Arguments',
    'Items',
    'ItemReader',
    'ItemSelector',
    'ItemBatcher',
    'MaxConcurrency',
    'MaxConcurrencyPath',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    'Label',
    'ItemProcessor',
    'Branches',
    'ResultWriter',
    'Choices',
    'Default',
    'Seconds',
    'Timestamp',
    'Error',
    'Cause',
    'TimeoutSeconds',
    'HeartbeatSeconds',
    'Retry',
    'Catch',
    'Assign',
    'Output',
    'Next',
    'End',
  ];
  const rank = (field: string) => (order.indexOf(field) + order.length + 1) % (order.length + 1);
  return Object.fromEntries(Object.entries(state).sort(([a], [b]) => rank(a) - rank(b))) as State;
}
