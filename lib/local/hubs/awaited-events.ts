import { DurableStepsError } from '../../errors.js';
import { nearest } from '../../options/nearest.js';

/**
 * Refuses an event that no wait of a workflow will ever take: a hub would keep it for nothing. It is for the local cloud alone, where whoever raises it can mend the name: a deployed hub keeps what an orchestration
 * may await once it was changed. What is no name at all is the hub's to refuse.
 *
 * @param definition the running definition, as text
 * @throws DurableStepsError `UnknownEvent`
 */
export function checkAwaited(where: string, definition: string, eventName: unknown): void {
  if (typeof eventName !== 'string' || eventName === '') return;
  const names = awaitedEvents(JSON.parse(definition));
  if (names === undefined || names.includes(eventName)) return;
  const near = nearest(eventName, names);
  const known = names.map((name) => `\`${name}\``).join(', ');
  throw new DurableStepsError('UnknownEvent', {
    where,
    expected:
      names.length === 0
        ? 'no event, since the orchestration waits for none'
        : `one of the events that are awaited: ${known}`,
    got: `\`${eventName}\``,
    fix:
      near === undefined
        ? 'event names are matched exactly; what waits for one is a step `waitForEvent`'
        : `did you mean \`${near}\`? Event names are matched exactly`,
  });
}

/** The names of the events that a definition waits for, at any depth; undefined where only the run tells one. */
function awaitedEvents(definition: unknown): readonly string[] | undefined {
  const names = new Set<string>();
  const isWhole = collect(definition, names);
  return isWhole ? [...names].sort() : undefined;
}

function collect(value: unknown, names: Set<string>): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const { Resource, Arguments } = value as { readonly Resource?: unknown; readonly Arguments?: unknown };
  if (typeof Resource === 'string' && Resource.endsWith(':lambda:invoke.waitForTaskToken'))
    return collectWait(Arguments, names);
  return Object.values(value).every((part) => collect(part, names));
}

/** A task with a token asks the hub for an event where its payload says which; what else it may ask is no event. */
function collectWait(given: unknown, names: Set<string>): boolean {
  const { Payload: payload } = (given ?? {}) as { readonly Payload?: unknown };
  if (typeof payload !== 'object' || payload === null) return typeof payload !== 'string';
  const { wait, name } = payload as { readonly wait?: unknown; readonly name?: unknown };
  if (wait === undefined || typeof name !== 'string') return true;
  const text = /^\s*\{%\s*("(?:[^"\\]|\\.)*")\s*%\}\s*$/.exec(name)?.[1];
  if (text === undefined && name.trimStart().startsWith('{%')) return false;
  names.add(text === undefined ? name : JSON.parse(text));
  return true;
}
