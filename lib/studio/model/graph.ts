import type { StudioEdge, StudioGraph, StudioNode } from '../../contract/studio.js';

type Fields = Readonly<Record<string, unknown>>;

/** Names the activity that a Lambda function is; undefined for what is none. */
export type FindActivity = (functionArn: string) => { readonly path: string } | undefined;

/** A definition in the Amazon States Language as a graph; fields that it doesn't know are left out, never refused. */
export function graphOf(definition: unknown, findActivity: FindActivity = () => undefined): StudioGraph {
  const { StartAt, States } = fieldsOf(definition);
  return {
    start: String(StartAt ?? ''),
    nodes: Object.entries(fieldsOf(States)).map(([name, state]) => nodeOf(name, fieldsOf(state), findActivity)),
  };
}

function nodeOf(name: string, state: Fields, findActivity: FindActivity): StudioNode {
  const type = String(state['Type'] ?? 'Unknown');
  const resource = typeof state['Resource'] === 'string' ? shortResource(state['Resource']) : undefined;
  const activity = activityOf(state, findActivity);
  const inner = innerOf(state).map((branch) => graphOf(branch, findActivity));
  const processor = fieldsOf(fieldsOf(state['ItemProcessor'])['ProcessorConfig']);
  return {
    name,
    type,
    kind: kindOf(name, type, resource, activity !== undefined),
    next: edgesOf(state),
    end: state['End'] === true || type === 'Succeed' || type === 'Fail',
    ...(inner.length === 0 ? {} : { branches: inner }),
    ...(type === 'Map' ? { map: { distributed: processor['Mode'] === 'DISTRIBUTED' } } : {}),
    ...(resource === undefined ? {} : { resource }),
    ...(activity === undefined ? {} : { activity }),
  };
}

function kindOf(name: string, type: string, resource = '', isActivity = false): StudioNode['kind'] {
  if (type !== 'Task') return 'flow';
  if (/startExecution/.test(resource)) return 'child';
  if (resource.includes('waitForTaskToken')) return /approv/i.test(name) ? 'approval' : 'event';
  if (name.startsWith('Set status') && resource.startsWith('dynamodb')) return 'internal';
  return isActivity ? 'activity' : 'service';
}

function edgesOf(state: Fields): readonly StudioEdge[] {
  const edges: StudioEdge[] = [];
  // Rules that lead to one state are one way there.
  const rules = new Map<string, string[]>();
  for (const rule of list(state['Choices'])) {
    const to = String(rule['Next']);
    rules.set(to, [...(rules.get(to) ?? []), conditionOf(rule)]);
  }
  for (const [to, conditions] of rules) {
    if (to !== state['Default']) edges.push({ to, kind: 'choice', label: conditions.join(' or ') });
  }
  if (typeof state['Default'] === 'string') edges.push({ to: state['Default'], kind: 'default', label: 'otherwise' });
  if (typeof state['Next'] === 'string') edges.push({ to: state['Next'], kind: 'next' });
  const handlers = new Map<string, string[]>();
  for (const { Next, ErrorEquals } of list(state['Catch'])) {
    const errors = Array.isArray(ErrorEquals) ? ErrorEquals.map(String) : [];
    handlers.set(String(Next), [...(handlers.get(String(Next)) ?? []), ...errors]);
  }
  for (const [to, errors] of handlers) edges.push({ to, kind: 'catch', label: errors.join(', ') });
  return edges;
}

function innerOf(state: Fields): readonly unknown[] {
  const processor = state['ItemProcessor'] ?? state['Iterator'];
  if (processor !== undefined) return [processor];
  return Array.isArray(state['Branches']) ? state['Branches'] : [];
}

function activityOf(state: Fields, findActivity: FindActivity): StudioNode['activity'] {
  const given = fieldsOf(state['Arguments'] ?? state['Parameters'])['FunctionName'];
  const arn = typeof given === 'string' ? given : String(state['Resource'] ?? '');
  return arn.includes(':function:') || !arn.startsWith('arn:') ? findActivity(arn) : undefined;
}

/** `arn:aws:states:::lambda:invoke` → `lambda:invoke`. */
function shortResource(resource: string): string {
  return resource.replace(/^arn:[\w-]+:states:[\w-]*:\d*:/, '');
}

/** JSONata's condition, or the comparison of a JSONPath rule. */
function conditionOf(rule: Fields): string {
  const { Condition, Next: _next, Assign: _assign, Output: _output, Comment: _comment, ...comparison } = rule;
  if (typeof Condition === 'string') return Condition.replace(/^\{%\s*|\s*%\}$/g, '');
  return Object.values(comparison)
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
    .join(' ');
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
