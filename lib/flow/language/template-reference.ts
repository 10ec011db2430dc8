import { makeReference, tryExpression } from './expression.js';
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
          const members = template as Record<string, Template>;
          const part = referenceToTemplate(
            (Object.hasOwn(members, key) ? members[key] : null) ?? null,
            `${label}.${key}`,
          );
          return tryExpression(part)!;
        },
      }),
  });
}
