import type { Branch, StateDefinition } from '../language/types.js';

/**
 * Draws a definition as a Mermaid flowchart (https://mermaid.js.org), which GitHub and many editors show as a picture. Dotted arrows are caught errors.
 *
 * @example renderMermaid({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
 */
export function renderMermaid(definition: Branch): string {
  const drawing = new Drawing();
  drawing.add('([start])', 'start');
  drawing.add('([end])', 'finish');
  const entry = drawing.branch(definition, '  ', 'finish');
  return ['flowchart TD', ...drawing.lines, `  start --> ${entry}`, ...drawing.arrows].join('\n');
}

type Fields = Readonly<Record<string, unknown>>;

class Drawing {
  readonly lines: string[] = [];
  readonly arrows: string[] = [];
  private count = 0;

  add(shape: string, id: string, indent = '  '): void {
    this.lines.push(`${indent}${id}${shape}`);
  }

  /** Draws the states of a branch and answers the id of its first. */
  branch({ StartAt, States }: Branch, indent: string, end: string): string {
    const ids = new Map(Object.keys(States).map((name) => [name, `s${this.nextNumber()}`]));
    for (const [name, state] of Object.entries(States)) this.state(name, state, ids, indent, end);
    return ids.get(StartAt) ?? end;
  }

  private nextNumber(): number {
    this.count += 1;
    return this.count;
  }

  private state(
    name: string,
    state: StateDefinition,
    ids: ReadonlyMap<string, string>,
    indent: string,
    end: string,
  ): void {
    const id = ids.get(name)!;
    const inner = innerBranches(state);
    if (inner.length === 0) this.add(shapeOf(name, state), id, indent);
    else {
      this.lines.push(`${indent}subgraph ${id}[${quote(name)}]`);
      for (const branch of inner) this.branch(branch, `${indent}  `, id);
      this.lines.push(`${indent}end`);
    }
    this.leave(id, state, ids, end);
  }

  private leave(id: string, state: StateDefinition, ids: ReadonlyMap<string, string>, end: string): void {
    const to = (target: unknown) => ids.get(String(target)) ?? end;
    const arrow = (line: string) => this.arrows.push(`  ${id} ${line}`);
    for (const rule of list(state['Choices'])) arrow(`-->|${quote(conditionOf(rule))}| ${to(rule['Next'])}`);
    if (state['Default'] !== undefined) arrow(`-->|otherwise| ${to(state['Default'])}`);
    if (state['Next'] !== undefined) arrow(`--> ${to(state['Next'])}`);
    if (end === 'finish' && (state['End'] === true || state.Type === 'Succeed' || state.Type === 'Fail'))
      arrow(`--> ${end}`);
    const handlers = new Set(list(state['Catch']).map((catcher) => to(catcher['Next'])));
    for (const handler of handlers) arrow(`-.-> ${handler}`);
  }
}

function innerBranches(state: StateDefinition): readonly Branch[] {
  const processor = (state['ItemProcessor'] ?? state['Iterator']) as Branch | undefined;
  return processor === undefined
    ? ((state['Branches'] as unknown as readonly Branch[] | undefined) ?? [])
    : [processor];
}

function shapeOf(name: string, { Type }: StateDefinition): string {
  const text = quote(name);
  switch (Type) {
    case 'Choice':
      return `{${text}}`;
    case 'Wait':
      return `[/${text}/]`;
    case 'Fail':
      return `[[${text}]]`;
    case 'Succeed':
    case 'Pass':
      return `(${text})`;
    case 'Task':
    case 'Map':
    case 'Parallel':
      return `[${text}]`;
  }
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
  return Array.isArray(value) ? value : [];
}

function quote(text: string): string {
  return `"${text.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')}"`;
}
