import { encodeName } from '../../contract/names.js';
import { DurableStepsError } from '../../errors.js';
import { TOO_MANY_SCOPES, tooDeep } from '../check/definition-check.js';
import { type Expression, makeReference, type NamedValue, type Position } from '../language/expression.js';
import type { Ref } from '../language/reference.js';
import { renderTemplate, type Template } from '../language/template.js';
import { Names } from './names.js';
import { orderFields, type State } from './state.js';
import type { Thrown } from './thrown.js';

/** The value of a step or of a scope's input, as a workflow variable. */
export interface Variable extends NamedValue {
  readonly kind: 'variable';
  readonly name: string;
  readonly scope: Scope;
}

/** What a scope was started with. */
export interface ScopeInput extends NamedValue {
  readonly kind: 'input';
  readonly scope: Scope;
}

/** Thrown when a scope turns out to need its input in a variable before its first state: compilation starts over, with a leading Pass state. */
export class NeedsLeadingPass extends Error {
  constructor(readonly scopePath: string) {
    super(scopePath);
  }
}

/** A state that already stands in the scope, for rendering more of it. */
export interface Within {
  readonly state: State;
  /** Variables that this very state assigns, with what they read as meanwhile: they are not readable yet. */
  readonly pending?: ReadonlyMap<NamedValue, string>;
}

export interface ScopeOptions {
  /** Where the scope stands, for messages and for starting over: `ProcessVideo`, `ProcessVideo.renditions`. */
  readonly path: string;
  readonly names: Names;
  /** The scope around, whose variables can be read here. @default - this is the machine itself */
  readonly parent?: Scope;
  /** Children of a distributed Map are executions of their own: they see no outer variable. */
  readonly isolated?: boolean;
  /** It runs once for each item of a Map. @default false */
  readonly perItem?: boolean;
  /** Its input is `{ key, input }`, where `key` tells its runs apart: so it is where no outer variable can be seen. @default false */
  readonly enveloped?: boolean;
  readonly leadingPasses: ReadonlySet<string>;
  /** It stands inside a hand-written definition, so that its input is not the execution's. @default false */
  readonly embedded?: boolean;
}

const EXECUTION_NAME = '$states.context.Execution.Name';
const EXECUTION_INPUT = '$states.context.Execution.Input';

/**
 * One level of states: the machine, or the inside of a Map or Parallel state. It owns the states by name and knows how its input reads: `$states.input` in the
 * first state; afterwards `$states.context.Execution.Input`, or within an execution a variable, so that no state is spent on storing it.
 */
export class Scope {
  readonly states = new Map<string, State>();
  /** Fail states of ours and the errors that they throw, for a `catch` around to take over. */
  readonly throws = new Map<State, Thrown>();
  readonly input: ScopeInput = { kind: 'input', label: 'input', scope: this };
  private first: string | undefined;
  private inputVariable: string | undefined;
  private indexVariable: string | undefined;
  private looped = false;
  private readonly turns: string[] = [];

  constructor(readonly options: ScopeOptions) {
    if (options.leadingPasses.has(options.path)) this.add('Input', { Type: 'Pass' });
  }

  /** The name of the leading Pass state, when there is one. */
  get leadingPass(): string | undefined {
    return this.options.leadingPasses.has(this.options.path) ? this.first : undefined;
  }

  /** Adds a state under a free name and answers that name. */
  add(wanted: string, state: State, context: readonly string[] = []): string {
    return this.place(this.claim(wanted, context), state);
  }

  /** A free name for a state that will be placed later, once what stands inside it is compiled. */
  claim(wanted: string, context: readonly string[] = []): string {
    return this.options.names.state(wanted, context);
  }

  /** Adds a state under a claimed name. */
  place(name: string, state: State): string {
    this.states.set(name, state);
    this.first ??= name;
    return name;
  }

  /** A scope for what runs inside a state of this one. */
  inner(name: string, options: Pick<ScopeOptions, 'isolated' | 'perItem' | 'enveloped'> = {}): Scope {
    const { names, leadingPasses, path } = this.options;
    const around = this.ancestors();
    if (around.length >= TOO_MANY_SCOPES) throw tooDeep(around.at(-1)?.options.path ?? path);
    return new Scope({ names, leadingPasses, path: `${path}.${name}`, parent: this, ...options });
  }

  /** The scopes around this one, from the nearest to the machine itself. */
  private ancestors(): readonly Scope[] {
    const around: Scope[] = [];
    for (let scope = this.options.parent; scope !== undefined; scope = scope.options.parent) around.push(scope);
    return around;
  }

  /** Compiles states that run again and again; `turn` is JSONata that tells the turns apart. */
  repeating<T>(turn: string, compile: () => T): T {
    this.turns.push(turn);
    try {
      return compile();
    } finally {
      this.turns.pop();
    }
  }

  /** Adds a state of a hand-written definition, whose name must stay. */
  adopt(name: string, state: State): void {
    if (!this.options.names.reserveState(name)) {
      throw new DurableStepsError('DuplicateState', {
        where: `${this.options.path}.${name}`,
        expected: 'a state name that is unique in the state machine',
        got: 'one that another step already has',
        fix: 'rename the hand-written state or the step',
      });
    }
    this.states.set(name, state);
    this.first ??= name;
  }

  /** Whether no state was added yet. */
  get isEmpty(): boolean {
    return this.first === undefined;
  }

  /** A scope to compile something in just to look at it; the names that it takes are its own. */
  aside(): Scope {
    const { path, leadingPasses } = this.options;
    return new Scope({ path, leadingPasses, names: new Names(), embedded: true });
  }

  /** Says that the first state may be entered again, so that its input is not always the scope's. */
  loops(): void {
    this.looped = true;
  }

  /** A new variable of this scope. */
  variable(wanted: string, label = wanted, isList = false): Variable {
    return { kind: 'variable', label, name: this.options.names.variable(wanted), scope: this, isList };
  }

  /** Renders a template for a state that is about to be added, or for `within`, a state that already was. */
  render(template: Template, where: string, within?: Within): unknown {
    return renderTemplate(template, this.position(within), `${this.options.path}.${where}`);
  }

  position(within?: Within): Position {
    // A state that a loop leads back to is entered with the value of the turn before.
    const inFirst =
      within !== undefined && !this.looped && this.first !== undefined && this.states.get(this.first) === within.state;
    return {
      render: (value) =>
        within?.pending?.get(value) ??
        (inFirst && value === this.input ? '$states.input' : this.renderNamed(value as Variable | ScopeInput)),
    };
  }

  private renderNamed(value: Variable | ScopeInput): string {
    if (!this.sees(value.scope)) {
      throw new DurableStepsError('OutOfScope', {
        where: `${this.options.path}`,
        expected: 'references to what this part of the workflow can see',
        got: `\`${value.label}\`, which belongs to another execution or branch`,
        fix: 'hand it over through the input of the step',
      });
    }
    return value.kind === 'variable' ? `$${value.name}` : value.scope.renderInput(this);
  }

  private sees(scope: Scope): boolean {
    if (scope === this) return true;
    return this.options.parent !== undefined && this.options.isolated !== true && this.options.parent.sees(scope);
  }

  /**
   * The execution's own input is always at hand, and stored by nobody: an Assign takes 256 KiB at most, and the first state's also has the first result. The input of an
   * item or a branch is known to its first state only, which stores it.
   */
  private renderInput(from: Scope): string {
    const isFirst = this.first === undefined && from === this && !this.looped;
    if (isFirst) return '$states.input';
    if (this.isExecution) return EXECUTION_INPUT;
    if (this.first === undefined || (this.looped && this.leadingPass === undefined)) {
      throw new NeedsLeadingPass(this.options.path);
    }
    this.inputVariable ??= this.options.names.variable(this.options.parent === undefined ? 'input' : 'itemInput');
    return `$${this.inputVariable}`;
  }

  /** Whether this scope is an execution of its own, rather than something within one. */
  private get isExecution(): boolean {
    const { parent, embedded, isolated } = this.options;
    return (parent === undefined && embedded !== true) || isolated === true;
  }

  /**
   * JSONata for a text that names this state's run: stable over retries and redrives, distinct between items and turns. The execution's name as it is, then
   * the state's encoded and numbers, with `/` between.
   */
  runKey(state: string): string {
    const placed = this.states.get(state);
    const { base, suffixes } = this.runPath(this.position(placed === undefined ? undefined : { state: placed }), this);
    return [base, JSON.stringify(`/${encodeName(state)}`), ...suffixes.flatMap((suffix) => ['"/"', suffix])].join(
      ' & ',
    );
  }

  /** The two parts of {@link runKey} as JSONata: the name of the execution that the instance knows, and what tells this state's run apart within it. */
  runAddress(state: string): { readonly execution: string; readonly step: string } {
    const placed = this.states.get(state);
    const { base, suffixes } = this.runPath(this.position(placed === undefined ? undefined : { state: placed }), this);
    const parts = [JSON.stringify(encodeName(state)), ...suffixes.flatMap((suffix) => ['"/"', suffix])];
    return base === EXECUTION_NAME
      ? { execution: base, step: parts.join(' & ') }
      : {
          execution: `$substringBefore(${base}, "/")`,
          step: [`$substringAfter(${base}, "/")`, '"/"', ...parts].join(' & '),
        };
  }

  private runPath(at: Position, from: Scope): { readonly base: string; readonly suffixes: readonly string[] } {
    if (this.options.enveloped === true) return { base: `${at.render(this.input)}.key`, suffixes: this.turns };
    const outer = this.options.parent?.runPath(at, from);
    const { base, suffixes } = outer ?? { base: EXECUTION_NAME, suffixes: [] };
    return {
      base,
      suffixes: [...suffixes, ...(this.options.perItem === true ? [this.renderIndex(from)] : []), ...this.turns],
    };
  }

  /** The index of the item that this scope runs for. Inside a further Map, the context's index is that of the inner item. */
  private renderIndex(from: Scope): string {
    for (let scope = from; scope !== this; scope = scope.options.parent!) {
      if (scope.options.perItem !== true) continue;
      if (this.first === undefined) throw new NeedsLeadingPass(this.options.path);
      this.indexVariable ??= this.options.names.variable('itemIndex');
      return `$${this.indexVariable}`;
    }
    return '$states.context.Map.Item.Index';
  }

  /** Closes the scope: stores the input where it is needed, and gives the states in order. */
  finish(): { readonly StartAt: string; readonly States: Readonly<Record<string, State>> } {
    if (this.first === undefined) {
      throw new DurableStepsError('EmptyFlow', {
        where: this.options.path,
        expected: 'at least one step',
        got: 'none',
      });
    }
    if (this.inputVariable !== undefined) {
      if (this.looped && this.leadingPass === undefined) throw new NeedsLeadingPass(this.options.path);
      assignOnEveryWayOut(this.states.get(this.first)!, this.inputVariable, '{% $states.input %}');
    }
    if (this.indexVariable !== undefined) {
      assignOnEveryWayOut(this.states.get(this.first)!, this.indexVariable, '{% $states.context.Map.Item.Index %}');
    }
    const states = Object.fromEntries([...this.states].map(([name, state]) => [name, orderFields(state)]));
    return { StartAt: this.first, States: states };
  }
}

/** A typed reference to a named value. */
export function referenceTo<V>(value: NamedValue, guarded = false): Ref<V> {
  const expression: Expression = {
    label: value.label,
    text: (at) => at.render(value),
    ...(value.isList === true && { isList: true }),
  };
  if (!guarded) return makeReference<V>(expression);
  return makeReference<V>({
    label: value.label,
    text: (at) => `$exists(${at.render(value)}) ? ${at.render(value)} : null`,
  });
}

function assignOnEveryWayOut(state: State, variable: string, value: string): void {
  const ways = [state, ...(state.Catch ?? []), ...((state['Choices'] as State[] | undefined) ?? [])];
  for (const way of ways) way.Assign = { [variable]: value, ...way.Assign };
}
