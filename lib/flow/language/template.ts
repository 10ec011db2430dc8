import { DurableStepsError } from '../../errors.js';
import { asOperand, type Position, tryExpression } from './expression.js';

/** A value with expressions in it, as a mapping returns it. */
export type Template = unknown;

/**
 * Renders a template to the JSON of a definition, field by field: expressions become `{% … %}` strings, all else stays as written.
 *
 * @throws DurableStepsError `InvalidTemplate` for what JSON can't hold: functions, dates, class instances, NaN, cycles.
 */
export function renderTemplate(template: Template, at: Position, where: string): unknown {
  return renderField(template, at, where, []);
}

function renderField(value: Template, at: Position, where: string, ancestors: readonly object[]): unknown {
  const expression = tryExpression(value);
  if (expression !== undefined) return `{% ${expression.text(at)} %}`;
  if (typeof value === 'string') return value.trimStart().startsWith('{%') ? `{% ${JSON.stringify(value)} %}` : value;
  if (typeof value !== 'object' || value === null) return checkScalar(value, where);
  if (isDeferred(value)) return value;
  if (ancestors.includes(value)) throw refusal(where, 'a cycle');
  const inside = [...ancestors, value];
  if (Array.isArray(value))
    return value.map((element, index) => renderField(element, at, `${where}[${index}]`, inside));
  checkPlain(value, where);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, renderField(member, at, `${where}.${key}`, inside)]),
  );
}

/** Renders a template as one JSONata expression, for use inside another expression. */
export function renderLiteral(value: Template, at: Position, where: string): string {
  const expression = tryExpression(value);
  if (expression !== undefined) return asOperand(expression.text(at));
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(checkScalar(value, where));
  if (Array.isArray(value))
    return `[${value.map((element, index) => renderLiteral(element, at, `${where}[${index}]`)).join(', ')}]`;
  if (isDeferred(value))
    throw refusal(where, 'a deploy-time value that is no string', 'convert it with `Token.asString`');
  checkPlain(value, where);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${renderLiteral(member, at, `${where}.${key}`)}`).join(', ')}}`;
}

/** A deploy-time value of the CDK (an `IResolvable`), which passes through untouched. */
function isDeferred(value: object): boolean {
  return 'creationStack' in value && typeof (value as { resolve?: unknown }).resolve === 'function';
}

function checkScalar(value: unknown, where: string): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusal(
    where,
    value === undefined ? 'nothing (undefined)' : typeof value === 'number' ? `\`${value}\`` : `a ${typeof value}`,
  );
}

function checkPlain(value: object, where: string): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return;
  // A plain object of another realm (jest's sandbox, a vm context) has a prototype of that realm.
  if (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty')) return;
  throw refusal(where, `an instance of ${value.constructor?.name ?? 'a class'}`);
}

function refusal(
  where: string,
  got: string,
  fix = 'give JSON values and references only; compute anything else in an activity',
): DurableStepsError {
  return new DurableStepsError('InvalidTemplate', { where, expected: 'a JSON value or a reference', got, fix });
}
