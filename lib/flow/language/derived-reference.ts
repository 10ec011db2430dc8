import { makeReference, tryExpression } from './expression.js';
import type { AnyRef } from './reference.js';
import type { Template } from './template.js';

/** The same value, or null where it may be missing. */
export function guarded(value: Template): Template {
  const expression = tryExpression(value);
  if (expression === undefined) return value;
  return makeReference({
    label: expression.label,
    text: (at) => {
      const text = expression.text(at);
      return text.startsWith('$exists(') ? text : `$exists(${text}) ? ${text} : null`;
    },
  });
}

/** A new reference object for each callback, so that reading it is seen. */
export function freshReference(value: Template): AnyRef {
  const expression = tryExpression(value);
  return expression === undefined ? value : makeReference(expression);
}
