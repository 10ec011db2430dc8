import { makeReference, memberOf, tryExpression } from './expression.js';
import { renderLiteral, type Template } from './template.js';

/** A reference into a template: members are looked up in it, so that nothing is evaluated that isn't used. */
export function referenceToTemplate(template: Template, label: string): Template {
  const expression = tryExpression(template);
  if (expression !== undefined) return template;
  return makeReference({
    label,
    text: (at) => renderLiteral(template, at, label),
    ...(typeof template === 'object' &&
      template !== null && {
        member: (key: string) => {
          const part = (template as Readonly<Record<string, Template>>)[key];
          if (!Object.hasOwn(template, key) || part === undefined) return memberOf({ label, text: () => '{}' }, key);
          return tryExpression(referenceToTemplate(part, `${label}.${key}`))!;
        },
      }),
  });
}
