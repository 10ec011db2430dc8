import { compileJsonataSync } from './jsonata-engine.js';

/** What an expression says when it is only read, never evaluated. */
export interface JsonataReferences {
  /** What it reads of a context item that isn't there, as AWS names it: `phone`, or `$` for the item itself. In the order in which it is written. */
  readonly topLevel: readonly string[];
  /** Whether it reads `$$`, the root of the input that isn't there. */
  readonly root: boolean;
  /** The fields that it reads of `$states`. */
  readonly states: readonly string[];
  /** The names that it calls as functions and doesn't bind itself, without `$`. */
  readonly calls: readonly string[];
  /** How deep its operations are nested, as far as they are in one another in the text. */
  readonly depth: number;
}

/** What the syntax of an expression allows, or why it isn't one in the grammar of JSONata 2.0. */
export type JsonataReading =
  | { readonly problem: string; readonly references?: undefined }
  | { readonly problem?: undefined; readonly references: JsonataReferences };

/**
 * Reads an expression as Step Functions does when a state machine is created: with the grammar of JSONata 2.0.6, which has no `??` and no `?:` (they
 * came with 2.1). The problem is in JSONata's own words without their code, as AWS gives them.
 */
export function readJsonata(text: string): JsonataReading {
  let reading = readings.get(text);
  if (reading === undefined) {
    reading = parse(text);
    if (readings.size > 10_000) readings.clear();
    readings.set(text, reading);
  }
  return reading;
}

/** The same expressions stand in many states and machines, and each is asked for more than once. */
const readings = new Map<string, JsonataReading>();

function parse(text: string): JsonataReading {
  try {
    const reader = new Reader(text);
    reader.read(compileJsonataSync(text, {}).ast() as Node);
    return reader.problem === undefined ? { references: reader } : { problem: reader.problem };
  } catch (error) {
    if (error instanceof RangeError) return { problem: 'The expression is nested too deeply' };
    return { problem: (error as { message?: string }).message ?? String(error) };
  }
}

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly Node[];
  readonly procedure?: Node;
  readonly lhs?: Node | readonly (readonly [Node, Node])[];
  readonly rhs?: Node;
  readonly expression?: Node;
  readonly expressions?: readonly Node[];
  readonly arguments?: readonly Node[];
  readonly condition?: Node;
  readonly then?: Node;
  readonly else?: Node;
  readonly body?: Node;
  readonly focus?: string;
  readonly index?: string;
}

/** Nodes that are no evaluation of their own. */
const PASSED_OVER: ReadonlySet<string> = new Set(['filter', 'index', 'lambda', 'sort']);

class Reader implements JsonataReferences {
  readonly topLevel: string[] = [];
  root = false;
  readonly states: string[] = [];
  depth = 0;
  problem: string | undefined;
  private readonly called: string[] = [];
  private readonly bound = new Set<string>();

  constructor(private readonly text: string) {}

  get calls(): readonly string[] {
    return this.called.filter((name) => !this.bound.has(name));
  }

  read(tree: Node): void {
    this.visit(tree, 1);
    this.readTopLevel(tree);
  }

  /** Every node, wherever it stands. */
  private visit(node: Node, depth: number): void {
    this.depth = Math.max(this.depth, depth);
    if (node.type === 'variable' && node.value === '$') this.root = true;
    if (node.type === 'path') this.readStates(node);
    if (node.type === 'condition') this.refuseNewOperators(node);
    if (node.type === 'bind') this.bind((node.lhs as Node).value);
    if (node.type === 'lambda') for (const parameter of node.arguments ?? []) this.bind(parameter.value);
    for (const name of [node.focus, node.index, node.type === 'index' ? node.value : undefined]) this.bind(name);
    if (node.procedure?.type === 'variable') add(this.called, String(node.procedure.value));
    if (node.type === 'apply' && node.rhs?.type === 'variable') add(this.called, String(node.rhs.value));
    const inside = PASSED_OVER.has(node.type) ? depth : depth + 1;
    for (const child of childrenOf(node)) this.visit(child, inside);
  }

  private bind(name: unknown): void {
    if (typeof name === 'string') this.bound.add(name);
  }

  private readStates({ steps }: Node): void {
    const [first, second] = steps ?? [];
    if (first?.type === 'variable' && first.value === 'states' && second?.type === 'name')
      add(this.states, String(second.value));
  }

  /** The parser turns `a ?: b` and `a ?? b` into conditions; the operator is what the text has before the condition's position. */
  private refuseNewOperators({ position }: Node): void {
    const operator = position === undefined ? '' : this.text.slice(position - 2, position);
    if (operator === '?:' || operator === '??')
      this.problem ??= `The symbol "${operator[1]}" cannot be used as a unary operator`;
  }

  /** Only what is evaluated against the context item: later steps, predicates, sort terms and groups have the item of the step before. */
  private readTopLevel(node: Node): void {
    switch (node.type) {
      case 'path':
        if (node.steps?.[0] !== undefined) this.readTopLevel(node.steps[0]);
        break;
      case 'name':
        add(this.topLevel, String(node.value));
        break;
      case 'variable':
        if (node.value === '') add(this.topLevel, '$');
        break;
      case 'sort':
      case 'transform':
        break;
      default:
        for (const child of operandsOf(node)) this.readTopLevel(child);
    }
  }
}

function add(names: string[], name: string): void {
  if (!names.includes(name)) names.push(name);
}

/** The operands of a node: those that are evaluated against the item that the node itself is evaluated against. */
function operandsOf(node: Node): readonly Node[] {
  const sides = [node.lhs, node.rhs].flatMap((side): readonly Node[] =>
    isPairs(side) ? side.flat() : side === undefined ? [] : [side],
  );
  const single = [node.procedure, node.expression, node.condition, node.then, node.else, node.body];
  return [
    ...(node.type === 'bind' ? sides.slice(1) : sides),
    ...single.filter((child) => child !== undefined),
    ...(node.expressions ?? []),
    ...(node.type === 'lambda' ? [] : (node.arguments ?? [])),
  ];
}

function isPairs(side: Node['lhs']): side is readonly (readonly [Node, Node])[] {
  return Array.isArray(side);
}

/** Every node below, whatever the field is called. */
function childrenOf(node: object): readonly Node[] {
  return Object.values(node).flatMap(nodesIn);
}

function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return [];
  return 'type' in value ? [value as Node] : childrenOf(value);
}
