import { DurableStepsError } from '../../errors.js';
import { isListToken, isNumberToken } from '../../options/kinds.js';
import { asOperand, type Position, tryExpression } from './expression.js';

/** A value with expressions in it, as a mapping returns it. */
export type Template = unknown;

/**
 * Renders a template to the JSON of a definition, field by field: expressions become `{% … %}` strings, all else stays as written. An object with members of the workflow's data becomes one expression, in which a
 * member that is missing is left out: alone it would fail the state.
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
  if (Object.values(value).some(mayBeMissing) && !holdsDeferred(value))
    return `{% ${renderLiteral(value, at, where, ancestors)} %}`;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, renderField(member, at, `${where}.${key}`, inside)]),
  );
}

/** Whether a deploy-time value other than a text is in it, which can't stand in an expression. */
function holdsDeferred(value: unknown): boolean {
  if (tryExpression(value) !== undefined) return false;
  if (typeof value === 'number') return isNumberToken(value);
  if (typeof value !== 'object' || value === null) return false;
  return isDeferred(value) || isListToken(value) || Object.values(value).some(holdsDeferred);
}

function mayBeMissing(value: Template): boolean {
  return tryExpression(value)?.mayBeMissing === true;
}

/** Renders a template as one JSONata expression, for use inside another expression. */
export function renderLiteral(value: Template, at: Position, where: string, ancestors: readonly object[] = []): string {
  const expression = tryExpression(value);
  if (expression !== undefined) return asOperand(expression.text(at));
  if (typeof value === 'string') return JSON.stringify(value);
  if (isNumberToken(value) || isListToken(value)) throw refusalOfToken(where);
  if (typeof value !== 'object' || value === null) return String(checkScalar(value, where));
  if (ancestors.includes(value)) throw refusal(where, 'a cycle');
  const inside = [...ancestors, value];
  if (Array.isArray(value))
    return renderList(value, where, (element, place) => renderLiteral(element, at, place, inside));
  if (isDeferred(value)) throw refusalOfToken(where);
  checkPlain(value, where);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${renderLiteral(member, at, `${where}.${key}`, inside)}`).join(', ')}}`;
}

/** JSONata's `[…]` takes a list inside of it apart, unless that is written as `[…]` itself. */
function renderList(
  elements: readonly Template[],
  where: string,
  render: (element: Template, place: string) => string,
): string {
  const texts = elements.map((element, index) => render(element, `${where}[${index}]`));
  if (!texts.some((text, index) => isComputed(elements[index], text))) return `[${texts.join(', ')}]`;
  const parts = elements.map((element, index) => {
    const text = texts[index]!;
    if (!isComputed(element, text)) return `[${text}]`;
    if (Array.isArray(element)) return `[[${text}]]`;
    const nothing = `$error(${JSON.stringify(`${where}[${index}] has no value`)})`;
    return `($element := ${text}; $type($element) = 'array' ? [[$element]] : $exists($element) ? [$element] : ${nothing})`;
  });
  return parts.reduce((before, part) => `$append(${before}, ${part})`);
}

/** Whether an element is a list, or may be one, that isn't written as `[…]`. */
function isComputed(element: Template, text: string): boolean {
  return tryExpression(element) !== undefined || (Array.isArray(element) && !text.startsWith('['));
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

function refusalOfToken(where: string): DurableStepsError {
  const fix = 'make it a text, `Token.asString(value)`, or a number, expr`$number(${Token.asString(value)})`';
  return refusal(where, 'a deploy-time value that is no text, which can’t stand in an expression', fix);
}

function refusal(
  where: string,
  got: string,
  fix = 'give JSON values and references only; compute anything else in an activity',
): DurableStepsError {
  return new DurableStepsError('InvalidTemplate', { where, expected: 'a JSON value or a reference', got, fix });
}
