import type { EventTemplate } from '../../contract/starter.js';
import { DurableStepsError } from '../../errors.js';
import { type Expression, evaluateMapping, makeReference, tryExpression } from '../../flow/language/expression.js';
import type { Ref, Resolvable } from '../../flow/language/reference.js';

/** Makes a value of an event: gets a typed reference to the event, gives back what is made of it. */
export type EventMapping<Event, Value> = (event: Ref<Event>) => Resolvable<Value>;

/** Makes an instance id of an event: a text, or several parts that are joined by dashes. */
export type IdMapping<Event> = (event: Ref<Event>) => Resolvable<string> | readonly Resolvable<string | number>[];

const paths = new WeakMap<Expression, readonly (string | number)[]>();

/**
 * Runs a mapping at synthesis, and records which parts of the event it takes.
 *
 * @throws DurableStepsError `InvalidTemplate` for a computed expression: an event's mapping takes the event apart, an activity computes
 */
export function renderMapping<Event>(where: string, mapping: (event: Ref<Event>) => unknown): EventTemplate {
  return render(
    evaluateMapping(where, mapping, () => makeReference<Event>(pathExpression([]))),
    where,
  );
}

function pathExpression(path: readonly (string | number)[]): Expression {
  const label = `event${path.map((step) => `.${step}`).join('')}`;
  const expression: Expression = {
    label,
    text: () => label,
    member: (key) => pathExpression([...path, /^\d+$/.test(key) ? Number(key) : key]),
  };
  paths.set(expression, path);
  return expression;
}

function render(value: unknown, where: string): EventTemplate {
  const expression = tryExpression(value);
  if (expression !== undefined) return renderPath(expression, where);
  if (Array.isArray(value)) return value.map((item, index) => render(item, `${where}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) throw refusal(where, 'an instance of a class');
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, render(member, `${where}.${name}`)]));
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusal(where, `a ${typeof value}`);
}

function renderPath(expression: Expression, where: string): EventTemplate {
  const path = paths.get(expression);
  if (path !== undefined) return { $event: path };
  throw refusal(where, `the computed expression ${expression.label}`, 'compute in the orchestration’s first step');
}

function refusal(where: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('InvalidTemplate', {
    where,
    expected: 'parts of the event and JSON values',
    got,
    ...(fix === undefined ? {} : { fix }),
  });
}
