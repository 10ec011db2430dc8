import { readFileSync } from 'node:fs';
import { DurableStepsError } from '../../errors.js';
import { integers, withLargeIntegers } from './jsonata-integers.js';

/**
 * The npm package `jsonata`, run synchronously.
 *
 * Its evaluator is written as async functions, though nothing in it ever waits: the only promises it can meet come from functions that a caller
 * registers, and ours return none. An awaited promise at every node of an expression would cost the interpreter most of its speed, and would let
 * other work in between two states. So the package's own source is loaded with `async` and `await` taken out, and taught integers of any size
 * (jsonata-integers.ts). Nothing else is changed, which keeps its semantics; test/asl/evaluate/jsonata-engine.test.ts compares the two.
 *
 * Invariants:
 * 1. the source after the change holds no `async` function, no `await` and no `Promise`, or loading fails;
 * 2. `new Date()` inside of it is the engine's clock ({@link setJsonataTime}); `Date.now()`, which guards against endless loops, is real.
 */
export interface SyncExpression {
  evaluate(input: unknown, bindings?: Readonly<Record<string, unknown>>): unknown;
  assign(name: string, value: unknown): void;
  registerFunction(name: string, implementation: (...args: never[]) => unknown, signature?: string): void;
  ast(): unknown;
}

/** Limits on one evaluation, so that a runaway expression ends with an error. */
export interface JsonataLimits {
  /** Milliseconds of real time. */
  readonly timeout?: number;
  /** The depth of nested evaluations. */
  readonly stack?: number;
  /** The length of a sequence. */
  readonly sequence?: number;
}

type Jsonata = (expression: string, options?: JsonataLimits) => SyncExpression;

let time = 0;

/** What `$now()` and `$millis()` read: milliseconds since the epoch. */
export function setJsonataTime(now: number): void {
  time = now;
}

class EngineDate extends Date {
  constructor(...args: readonly unknown[]) {
    // The constructor has many forms; only the one without arguments reads a clock.
    super(...((args.length === 0 ? [time] : args) as [number]));
  }
}

let loaded: Jsonata | undefined;

/** Compiles an expression. Throws jsonata's own error object (`code`, `message`, `position`) when it can't be parsed. */
export function compileJsonataSync(expression: string, limits: JsonataLimits): SyncExpression {
  loaded ??= load();
  return loaded(expression, limits);
}

function load(): Jsonata {
  const path = require.resolve('jsonata');
  const source = exactly(withoutAsync(readFileSync(path, 'utf8'), path), path);
  const module: { exports: unknown } = { exports: {} };
  new Function('module', 'exports', 'Date', 'integers', source)(module, module.exports, EngineDate, integers);
  if (typeof module.exports !== 'function') throw refusal(path, 'a module that exports no function');
  return module.exports as Jsonata;
}

function withoutAsync(source: string, path: string): string {
  const changed = source
    .replace(/\basync\s+(?=function\b|\()/g, '')
    .replace(/\bawait\s+Promise\.all\(/g, '(')
    .replace(/\bawait\s+/g, '');
  const left = /\basync\s+(?:function|\()|\bawait\s|\bPromise\b/.exec(changed);
  if (left !== null) throw refusal(path, `\`${left[0]}\` in it after the change`);
  return changed;
}

function exactly(source: string, path: string): string {
  const changed = withLargeIntegers(source);
  if ('missing' in changed) throw refusal(path, `no \`${changed.missing}\` where numbers are told`);
  return changed.source;
}

function refusal(path: string, got: string): DurableStepsError {
  return new DurableStepsError('UnsupportedJsonata', {
    where: path,
    expected: 'the source of jsonata 2.x',
    got,
    fix: 'install the version of jsonata that this package depends on',
  });
}
