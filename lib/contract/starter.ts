/** A value made of an event: a path into it (`$event`), literals, and lists and objects of both. */
export type EventTemplate =
  | null
  | boolean
  | number
  | string
  | readonly EventTemplate[]
  | { readonly $event: readonly (string | number)[] }
  | { readonly [name: string]: EventTemplate };

/** What a starter does with an event. */
export interface StarterSettings {
  /** `queue` events hold several messages, each of which starts an instance. */
  readonly source: 'event' | 'queue';
  /** Name of the orchestration in the hub's environment. */
  readonly orchestration: string;
  /** The instance's id; a list is joined by dashes. */
  readonly instanceId: EventTemplate;
  readonly input: EventTemplate;
}

/** Fills a template; a path that leads nowhere gives undefined, which JSON leaves out of objects. */
export function renderEventTemplate(template: EventTemplate, event: unknown): unknown {
  if (typeof template !== 'object' || template === null) return template;
  if (isList(template)) return template.map((item) => renderEventTemplate(item, event));
  if ('$event' in template && Array.isArray(template['$event'])) return follow(template['$event'], event);
  return Object.fromEntries(
    Object.entries(template).map(([name, member]) => [name, renderEventTemplate(member, event)]),
  );
}

function isList(template: object): template is readonly EventTemplate[] {
  return Array.isArray(template);
}

function follow(path: readonly unknown[], event: unknown): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || (typeof step !== 'string' && typeof step !== 'number'))
      return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
  }, event);
}
