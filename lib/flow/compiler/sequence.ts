import { DurableStepsError } from '../../errors.js';
import { freshReference, guarded } from '../language/derived-reference.js';
import { type AnyMapping, evaluateMapping, makeReference, type NamedValue } from '../language/expression.js';
import type { AnyRef } from '../language/reference.js';
import { renderLiteral, type Template } from '../language/template.js';
import { referenceToTemplate } from '../language/template-reference.js';
import { referenceTo, type Scope, type Variable } from './scope.js';
import type { AnyScopedStep } from './scoped-step.js';
import type { Exit, Fragment, State } from './state.js';
import type { AnyStep, Site, StepInput } from './step.js';
import { joinUndo, lastResultKey, type Undo } from './undo.js';

/** A part of a flow: it adds its states to the sequence. */
export interface FlowNode {
  readonly kind: string;
  /** The name under which later parts know its result. @default - it has none */
  readonly name?: string;
  /** Its part where a flow ends: it handles how, or it maps what came out. @default - none, so that it must be reached */
  readonly atEnd?: 'handles' | 'maps';
  compile(sequence: Sequence): void;
}

/**
 * The compilation of one flow: a run of states in one scope, growing at the end. It knows the open exits, the values that have names, and which states
 * were added since it began (a `catch` covers them).
 */
export class Sequence {
  private start: string | undefined;
  private exits: readonly Exit[];
  /** What the next step gets unless it maps its own input. */
  private current: StepInput;
  private readonly finished: Exit[] = [];
  private readonly values: Map<string, Template>;
  /** The last result as a variable, where it has one. */
  private last: Variable | undefined;
  private lastIsList = false;
  private readonly own: State[] = [];
  /** What is to be undone when a state that is added now fails, latest first. */
  private undo: Undo | undefined;
  private readonly undoBy = new Map<State, Undo | undefined>();
  /** Variables that the states behind the open exits assign. */
  private readonly pending = new Map<NamedValue, readonly Exit[]>();

  /** A hand-written Succeed state behind which nothing may follow. */
  endsEarly: string | undefined;

  constructor(
    readonly site: Site,
    /** Where this flow stands, for messages. */
    readonly path: string,
    /** The sequence that this one branches off, and the exits it starts from. @default - a sequence of its own */
    branch?: { readonly values: ReadonlyMap<string, Template>; readonly exits: readonly Exit[] },
  ) {
    this.current = site.input;
    this.exits = branch?.exits ?? [];
    this.values = new Map(branch?.values ?? [['input', this.inputReference()]]);
  }

  get scope(): Scope {
    return this.site.scope;
  }

  /** The flow's input: the scope's own, or the template that the flow was given. */
  private inputReference(): Template {
    if (this.site.input.kind === 'template') return referenceToTemplate(this.site.input.template, `${this.path}.input`);
    const stable = this.site.input.stable;
    return makeReference({ label: 'input', text: (at) => renderLiteral(stable(), at, 'input') });
  }

  /** Evaluates a mapping callback against the values known here. */
  map(where: string, mapping: AnyMapping, extra: Readonly<Record<string, Template>> = {}): Template {
    return evaluateMapping(`${this.path}.${where}`, mapping, () => this.references(extra));
  }

  private references(extra: Readonly<Record<string, Template>>): Readonly<Record<string, AnyRef>> {
    const known = new Map([...this.values, ...Object.entries(extra)]);
    return new Proxy({} as Record<string, AnyRef>, {
      get: (_target, key) => {
        if (typeof key === 'symbol') return undefined;
        if (known.has(key)) return freshReference(known.get(key));
        throw new DurableStepsError('UnknownStep', {
          where: this.path,
          expected: `one of ${[...known.keys()].map((name) => `\`${name}\``).join(', ')}`,
          got: `\`${key}\``,
          fix: 'refer to earlier steps of this flow by their names',
        });
      },
      ownKeys: () => {
        throw new DurableStepsError('ReferenceMisused', {
          where: this.path,
          expected: 'named values to be taken one by one',
          got: 'a spread or rest of all of them',
          fix: 'name the steps you need: `({ input, first }) => …`',
        });
      },
    });
  }

  /** Compiles a step at the end of the sequence; its result becomes the last result. */
  append(step: AnyStep, name: string, mapping?: AnyMapping): void {
    const input: StepInput =
      mapping === undefined ? this.current : { kind: 'template', template: this.map(`${name}.input`, mapping) };
    this.appendFragment(() => step.compile({ ...this.site, name, input }));
  }

  /** Compiles a step whose options read the values known here; its result becomes the last result. */
  appendScoped(step: AnyScopedStep, name: string): void {
    this.appendFragment(() =>
      step.compileScoped(this.siteOf(name), (where, mapping, extra) => this.map(`${name}.${where}`, mapping, extra)),
    );
  }

  /** The place where a part of this flow compiles itself. */
  siteOf(name: string): Site {
    return { ...this.site, name, input: this.current };
  }

  /** The values that have names here. */
  get known(): ReadonlyMap<string, Template> {
    return this.values;
  }

  /** Adds states whose result becomes the last result. */
  appendFragment(compile: () => Fragment): void {
    const { isList } = this.addFragment(compile);
    this.current = this.lastResult();
    this.last = undefined;
    this.lastIsList = isList === true;
  }

  /** Adds states through which the last result passes, and links the open exits to them. */
  addFragment(compile: () => Fragment): Fragment {
    const before = new Set(this.scope.states.values());
    const fragment = compile();
    for (const state of this.scope.states.values()) if (!before.has(state)) this.takeIn(state, this.undo);
    for (const exit of this.exits) exit.next(fragment.start);
    this.start ??= fragment.start;
    this.exits = fragment.exits;
    this.endsEarly ??= fragment.endsEarly;
    this.pending.clear();
    return fragment;
  }

  private lastResult(): StepInput {
    return { kind: 'piped', stable: () => referenceTo(this.lastVariable('result')) };
  }

  /** The exits that what comes next will be linked to. */
  get open(): readonly Exit[] {
    return this.exits;
  }

  /** Whether anything can still run here. */
  get isOpen(): boolean {
    return this.start === undefined || this.exits.length > 0;
  }

  private takeIn(state: State, undo: Undo | undefined): void {
    this.own.push(state);
    this.undoBy.set(state, undo);
  }

  /** What is to be undone when this state fails. */
  undoOf(state: State): Undo | undefined {
    return this.undoBy.get(state);
  }

  /** What is to be undone when something fails from here on. */
  get undoing(): Undo | undefined {
    return this.undo;
  }

  /** From here on, failures undo this first. */
  undoFirst(undo: Undo | undefined): void {
    this.undo = undo;
  }

  /** Adds the last named result to what failures from here on undo. */
  compensate(name: string, step: AnyStep, mapping: AnyMapping | undefined): void {
    const variable = this.lastVariable(name);
    const values = new Map([...this.values, [lastResultKey, referenceTo(variable)] as const]);
    this.undo = {
      step,
      mapping: mapping ?? ((scope) => scope[lastResultKey]),
      values,
      completed: [`$exists($${variable.name})`],
      isConditional: false,
      before: this.undo,
    };
  }

  /** Takes the exits that leave the flow past whatever follows, to lead them on to something. */
  takeFinished(): readonly Exit[] {
    return this.finished.splice(0);
  }

  /** Says what the next step gets. */
  takeFrom(input: StepInput): void {
    this.current = input;
  }

  /** Runs a step whose result is dropped: the last result stays. */
  passBy(step: AnyStep, name: string, mapping: AnyMapping | undefined): void {
    const kept: Template = this.current.kind === 'template' ? this.current.template : this.current.stable();
    this.append(step, name, mapping);
    this.current = { kind: 'template', template: kept };
  }

  /** Joins branches: their results become the last result. */
  join(branches: readonly Sequence[]): void {
    this.undo = joinUndo(
      this.undo,
      branches.map((branch) => branch.undo),
    );
    this.exits = branches.flatMap((branch) => [...branch.materialized(), ...branch.finished]);
    for (const branch of branches) this.include(branch);
    this.endsEarly ??= branches.find(({ endsEarly }) => endsEarly !== undefined)?.endsEarly;
    this.current = this.lastResult();
    this.last = undefined;
    this.lastIsList = false;
    this.pending.clear();
  }

  /** Lets exits leave the flow here, past whatever follows. */
  finish(exits: readonly Exit[]): void {
    this.finished.push(...exits);
  }

  /** Names the value that leaves the open exits: a workflow variable that all later parts can read. */
  name(name: string): void {
    this.values.set(name, referenceTo(this.lastVariable(name)));
  }

  /** Makes a value known to later parts under a name, without storing it. */
  define(name: string, value: Template): void {
    this.values.set(name, value);
  }

  /** From here on, results of these parts may be missing: they read as null then. */
  guardAll(): void {
    for (const [name, value] of this.values) {
      if (name !== 'input') this.values.set(name, guarded(value));
    }
  }

  /** The results so far, as a handler of their failure sees them. */
  guardedValues(): ReadonlyMap<string, Template> {
    return new Map([...this.values].map(([name, value]) => [name, name === 'input' ? value : guarded(value)]));
  }

  /** A sequence that starts at some exits of this one and sees its values, such as a branch or a handler. */
  fork(path: string, exits: readonly Exit[], values: ReadonlyMap<string, Template> = this.values): Sequence {
    const fork = new Sequence({ ...this.site, input: this.current }, path, { values, exits });
    fork.undo = this.undo;
    return fork;
  }

  /** A sequence that handles failures: its own are not undone. */
  handler(path: string, exits: readonly Exit[], values: ReadonlyMap<string, Template>): Sequence {
    const fork = this.fork(path, exits, values);
    fork.undo = undefined;
    return fork;
  }

  /** What is open here as a branch of its own, to be joined with others. */
  rest(): Sequence {
    return this.fork(this.path, this.exits);
  }

  /** Takes over the states of a sequence in the same scope. */
  include(other: Sequence): void {
    for (const state of other.own) if (!this.undoBy.has(state)) this.takeIn(state, other.undoBy.get(state));
  }

  /** The states added so far. */
  get states(): readonly State[] {
    return this.own;
  }

  private lastVariable(wanted: string): Variable {
    if (this.last === undefined) {
      const variable = this.scope.variable(wanted, wanted, this.lastIsList);
      for (const exit of this.exits) exit.assign(variable.name, `{% ${exit.result} %}`);
      this.pending.set(variable, [...this.exits]);
      this.last = variable;
    }
    return this.last;
  }

  /** Replaces what leaves the open exits. */
  output(mapping: AnyMapping): void {
    const template = this.map('output', mapping);
    for (const exit of this.exits) {
      const pending = new Map([...this.pending.keys()].map((value) => [value, exit.result]));
      const within = { state: exit.state, pending };
      const text = renderLiteral(template, this.scope.position(within), `${this.path}.output`);
      exit.output(this.scope.render(template, 'output', within), text);
    }
    this.current = this.lastResult();
    this.last = undefined;
    this.lastIsList = false;
    this.pending.clear();
  }

  /** The open exits, once what leaves them is the last result: an input that no step took yet is put out there. */
  materialized(): readonly Exit[] {
    if (this.current.kind === 'template') {
      const { template } = this.current;
      for (const exit of this.exits) {
        const within = { state: exit.state };
        exit.output(
          this.scope.render(template, 'output', within),
          renderLiteral(template, this.scope.position(within), `${this.path}.output`),
        );
      }
      this.current = this.lastResult();
    }
    return this.exits;
  }

  /** What was built, for whatever stands around this flow. */
  toFragment(): Fragment {
    if (this.start === undefined) {
      throw new DurableStepsError('EmptyFlow', { where: this.path, expected: 'at least one step', got: 'none' });
    }
    return {
      start: this.start,
      exits: [...this.materialized(), ...this.finished],
      ...(this.endsEarly !== undefined && { endsEarly: this.endsEarly }),
    };
  }
}
