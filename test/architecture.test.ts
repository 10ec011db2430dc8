import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

interface Room {
  /** What it is for, in a line. */
  readonly is: string;
  /** The rooms that it may import from; naming a room allows all that is in it. */
  readonly imports: readonly string[];
  readonly packages?: readonly RegExp[];
}

/** Clients of the AWS SDK. */
const AWS = [/^@aws-sdk\//];

/** What every room of the hub stands on. */
const HUB_GROUND = [
  'lib/hub/hub',
  'lib/hub/hub-error',
  'lib/hub/audit',
  'lib/hub/redact',
  'lib/hub/metrics',
  'lib/hub/printable',
  'lib/contract',
  'lib/errors',
];

/**
 * The rooms of the code base: what each may import of ours, and which packages. A file belongs to the room with the longest name that its path begins with; a file
 * in no room is refused, so that a new room is entered on purpose. Types count: who imports a type knows the room.
 */
const rooms: Readonly<Record<string, Room>> = {
  'lib/errors': { is: 'our family of errors', imports: [] },
  'lib/options': { is: 'what options take, said once for each and checked', imports: ['lib/errors'] },
  'lib/clock': { is: 'time as a port: real and virtual', imports: [] },
  'lib/contract': {
    is: 'facts that two sides of a wire share',
    imports: ['lib/errors'],
    packages: [/^node:(crypto|buffer)$/],
  },

  'lib/asl/language': {
    is: 'Amazon States Language as data',
    imports: ['lib/errors'],
    packages: [/^node:(crypto|buffer)$/],
  },
  'lib/asl/evaluate': {
    is: 'what expressions, paths and choices give for a value',
    imports: ['lib/asl/language', 'lib/errors'],
    packages: [/^jsonata$/, /^node:(crypto|buffer|fs|vm)$/],
  },
  'lib/asl/validate': {
    is: 'what AWS refuses at creation',
    imports: ['lib/asl/evaluate', 'lib/asl/language', 'lib/errors'],
  },
  'lib/asl/draw': { is: 'a definition as a picture', imports: ['lib/asl/language'] },

  'lib/engine/model': {
    is: 'executions as data: program, frame, history, effects',
    imports: ['lib/asl', 'lib/clock', 'lib/errors'],
    packages: [/^node:(crypto|zlib)$/],
  },
  'lib/engine/run': {
    is: 'the one loop that performs effects',
    imports: ['lib/engine/model', 'lib/asl', 'lib/clock', 'lib/errors'],
  },
  'lib/engine/states': {
    is: 'one handler a state type: input to effects',
    imports: ['lib/engine/model', 'lib/asl', 'lib/errors'],
  },
  'lib/engine/work': {
    is: 'what runs outside a state: tasks, activities, map runs',
    imports: ['lib/engine/run', 'lib/engine/model', 'lib/asl', 'lib/clock', 'lib/errors'],
    packages: [/^node:(crypto|zlib)$/],
  },
  'lib/engine/service': {
    is: 'Step Functions as a service: its API over executions',
    imports: ['lib/engine', 'lib/asl', 'lib/clock', 'lib/errors'],
    packages: [/^node:(crypto|zlib)$/],
  },

  'lib/flow/language': {
    is: "what a user's callback holds: references, templates, expressions",
    imports: ['lib/options', 'lib/asl', 'lib/errors'],
    packages: [/^node:crypto$/],
  },
  'lib/flow/check': {
    is: 'what AWS would refuse of a compiled flow, refused at synthesis',
    imports: ['lib/asl', 'lib/errors'],
  },
  'lib/flow/compiler': {
    is: 'from parts of a flow to states',
    imports: ['lib/flow/check', 'lib/flow/language', 'lib/asl', 'lib/contract', 'lib/errors'],
    packages: [/^node:crypto$/],
  },
  'lib/flow/steps': {
    is: 'one file or folder a kind of step',
    imports: ['lib/options', 'lib/flow/compiler', 'lib/flow/language', 'lib/asl', 'lib/contract', 'lib/errors'],
    packages: [/^node:crypto$/],
  },
  'lib/flow': {
    is: 'the face: `flow()` and its methods',
    imports: ['lib/options', 'lib/flow', 'lib/asl', 'lib/errors', 'lib/contract'],
    packages: [/^node:crypto$/],
  },

  'lib/bundling': {
    is: 'one esbuild run for all activities',
    imports: ['lib/options', 'lib/clock', 'lib/errors'],
    packages: [/^node:/, /^esbuild$/],
  },
  'lib/constructs': {
    is: 'the only room that knows aws-cdk-lib',
    imports: ['lib/options', 'lib/flow', 'lib/asl', 'lib/bundling', 'lib/contract', 'lib/errors'],
    packages: [/^node:(fs|path|crypto|zlib)$/, /^aws-cdk-lib/, /^constructs$/],
  },
  'lib/index': {
    is: 'the public constructs',
    imports: ['lib/options', 'lib/constructs', 'lib/flow', 'lib/bundling', 'lib/contract', 'lib/errors'],
  },

  'lib/hub/hub': {
    is: 'what the hub’s logic works with: clients, clock, settings',
    imports: ['lib/hub/audit', 'lib/contract'],
    packages: AWS,
  },
  'lib/hub/hub-error': { is: 'why the hub refuses', imports: ['lib/errors'] },
  'lib/hub/audit': { is: 'who did what, as lines of a log', imports: [] },
  'lib/hub/redact': { is: 'texts of AWS without account ids', imports: [] },
  'lib/hub/printable': { is: 'texts of workflows, as people are shown them', imports: [], packages: [/^node:url$/] },
  'lib/hub/metrics': { is: 'metrics as lines of a log', imports: ['lib/contract'] },
  'lib/hub/code-file': { is: 'files beside a function’s code', imports: [], packages: [/^node:(fs|path)$/] },
  'lib/hub/connect': {
    is: 'the hub of a Lambda function: the one door to environment and clock',
    imports: ['lib/hub/hub', 'lib/hub/code-file', 'lib/contract', 'lib/errors'],
    packages: [/^node:/, ...AWS],
  },
  'lib/hub/store': {
    is: 'items of the hub’s table, and what they hold',
    imports: HUB_GROUND,
    packages: [/^node:crypto$/, ...AWS],
  },
  'lib/hub/lifecycle': {
    is: 'what happens to an instance, and what follows for its records: status changes, events, stops',
    imports: ['lib/hub/store', ...HUB_GROUND],
    packages: [/^node:crypto$/, ...AWS],
  },
  'lib/hub/operations': {
    is: 'what may be asked of an instance, one file each',
    imports: ['lib/hub/lifecycle', 'lib/hub/store', ...HUB_GROUND],
    packages: [/^node:crypto$/, ...AWS],
  },
  'lib/hub/workers': {
    is: 'what EventBridge and queues set off',
    imports: ['lib/hub/operations', 'lib/hub/lifecycle', ...HUB_GROUND],
  },
  'lib/hub/outbox': {
    is: 'what stored facts owe, and the sweep that makes up for it',
    imports: ['lib/hub/approvals', 'lib/hub/operations', 'lib/hub/lifecycle', 'lib/hub/store', ...HUB_GROUND],
  },
  'lib/hub/http': {
    is: 'the operations as an HTTP API',
    imports: ['lib/hub/operations', ...HUB_GROUND],
    packages: [/^node:(crypto|zlib)$/],
  },
  'lib/hub/html': { is: 'pages as text', imports: [], packages: [/^node:crypto$/] },
  'lib/hub/mail': { is: 'ways to send a mail', imports: HUB_GROUND, packages: AWS },
  'lib/hub/approvals': {
    is: 'approvals: rules, letters, links, what a workflow asks and a person decides',
    imports: ['lib/hub/connect', 'lib/hub/store', 'lib/hub/mail', 'lib/hub/html', ...HUB_GROUND],
    packages: [/^node:(crypto|zlib)$/, ...AWS],
  },
  'lib/hub/pages': {
    is: 'the approval pages',
    imports: ['lib/hub/approvals', 'lib/hub/html', ...HUB_GROUND],
  },
  'lib/client': {
    is: 'DurableClient, for code in a Lambda',
    imports: ['lib/hub', 'lib/contract', 'lib/errors'],
    packages: [/^node:crypto$/, /^@aws-sdk\//, /^aws-lambda$/],
  },
  'lambda/hub': {
    is: 'the thin handlers that the kit deploys',
    imports: ['lib/contract', 'lib/client', 'lib/hub'],
    packages: [/^node:/, /^@aws-sdk\//, /^aws-lambda$/],
  },

  'lib/assembly': {
    is: 'cdk.out on disk as a plain model',
    imports: ['lib/errors', 'lib/contract', 'lib/asl'],
    packages: [/^node:(fs|path|crypto)$/],
  },
  'lib/local': {
    is: 'the local cloud',
    imports: [
      'lib/options',
      'lib/local/studio',
      'lib/local/hubs',
      'lib/assembly',
      'lib/engine',
      'lib/clock',
      'lib/asl',
      'lib/contract',
      'lib/errors',
    ],
    packages: [/^node:/, /^dynalite$/, /^@aws-sdk\//],
  },
  'lib/local/hubs': {
    is: 'the task hubs of an app that runs, as its clients reach them',
    imports: ['lib/local', 'lib/client', 'lib/contract', 'lib/options', 'lib/errors'],
    packages: [/^@aws-sdk\/client-(dynamodb|sfn)$/],
  },
  'lib/local/studio': {
    is: 'Studio’s contract, served by the local cloud',
    imports: [
      'lib/local',
      'lib/studio/model',
      'lib/studio/build',
      'lib/engine',
      'lib/clock',
      'lib/asl',
      'lib/contract',
      'lib/errors',
    ],
    packages: [/^node:(crypto|fs|path)$/],
  },
  'lib/studio/model': {
    is: 'what a history and a definition mean, as steps and graphs: pure, for the page, the command line and the testing kit',
    imports: ['lib/contract'],
  },
  'lib/studio/build': { is: 'bundles the page', imports: [], packages: [/^node:path$/, /^esbuild$/] },
  'lib/studio/page': {
    is: 'Studio’s page, in the browser',
    imports: ['lib/studio/model', 'lib/contract'],
    packages: [/^preact(\/hooks)?$/, /^@preact\/signals$/],
  },
  'lib/cli': {
    is: 'the command line',
    imports: [
      'lib/local',
      'lib/bundling',
      'lib/studio/model',
      'lib/assembly',
      'lib/engine',
      'lib/clock',
      'lib/asl',
      'lib/contract',
      'lib/errors',
    ],
    packages: [/^node:/, /^(commander|chokidar)$/],
  },
  'lib/testing': {
    is: 'the testing kit over the local cloud',
    imports: [
      'lib/options',
      'lib/local',
      'lib/studio/model',
      'lib/client',
      'lib/assembly',
      'lib/engine',
      'lib/clock',
      'lib/asl',
      'lib/flow',
      'lib/contract',
      'lib/errors',
    ],
    packages: [/^node:/, /^@aws-sdk\/client-(dynamodb|sfn)$/],
  },

  'bin/durable-steps': { is: "the command's entry", imports: ['lib/cli', 'lib/errors'], packages: [/^node:/] },
  bin: {
    is: 'the example app that deploys',
    imports: ['lib/index', 'lambda'],
    packages: [/^node:path$/, /^aws-cdk-lib/, /^constructs$/],
  },
  lambda: {
    is: "the examples' activities: plain functions",
    imports: ['lib/client'],
    packages: [/^node:/, /^@aws-sdk\//, /^aws-lambda$/, /^pdf-lib$/],
  },
};

/** Imports that a rule above forbids and that still stand. Each is to be turned; none may be added. */
const STRAYS_LEFT: readonly string[] = [];

/** Groups of files that import each other in a circle, types included, and still do. None may be added. */
const CIRCLES_LEFT: readonly string[] = [];

/** Folders that hold more files side by side than a visitor takes in, and still do. */
const CROWDED_LEFT: readonly string[] = [];
const MOST_FILES_IN_A_FOLDER = 15;

/** Files, and functions as `file name`, that outgrew their concept and still do. None may be added. */
const LONG_LEFT: readonly string[] = [];
const MOST_LINES_OF_A_FILE = 350;
const MOST_LINES_OF_A_FUNCTION = 50;

/** Who may read the machine's time or set its timers, and why. Everything else is given a Clock. */
const timeKeepers: Readonly<Record<string, string>> = {
  'lib/clock.ts': 'the clock itself',
  'lib/hub/connect.ts': "the hub's functions run on Lambda: this is where their real clock is passed in",
  'lib/studio/page/timers.ts': 'a browser’s page waits on the machine’s time',
  'lib/local/functions/bootstrap.cjs': "shifts a handler's Date to the cloud's time",
};

const root = path.resolve(__dirname, '..');
const files = ['lib', 'lambda', 'bin'].flatMap(sourcesOf).map((file) => read(file));
const known = new Set(files.map(({ file }) => file));

interface Source {
  readonly file: string;
  readonly imports: readonly Import[];
  readonly clockReads: readonly string[];
  /** The file itself and its functions, where they are too long. */
  readonly tooLong: readonly string[];
  /** The names that it declares for others. */
  readonly declares: ReadonlySet<string>;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

function sourcesOf(directory: string): string[] {
  return readdirSync(path.join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|cjs|mjs)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

function read(file: string): Source {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const clockReads: string[] = [];
  const tooLong = source.getLineStarts().length > MOST_LINES_OF_A_FILE + 1 ? [file] : [];
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(node) });
    if (readsTheClock(node)) clockReads.push(`${file}:${lineOf(node)} ${node.getText(source).slice(0, 40)}`);
    if (ts.isFunctionLike(node) && linesOf(node, source) > MOST_LINES_OF_A_FUNCTION) {
      tooLong.push(`${file} ${node.name?.getText(source) ?? ts.SyntaxKind[node.kind]}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { file, imports, clockReads, tooLong, declares: new Set(source.statements.flatMap(exportedNames)) };
}

function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.end) - lineAt(node.getStart(source)) + 1;
}

function importOf(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
    return { from: moduleSpecifier.text, typeOnly: bringsTypesOnly(node) };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { from: node.argument.literal.text, typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.arguments.length === 1 && ts.isStringLiteral(node.arguments[0]!)) {
    const called = node.expression;
    const loads = called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require');
    if (loads) return { from: node.arguments[0].text, typeOnly: false };
  }
  return undefined;
}

function bringsTypesOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const elements =
      node.exportClause !== undefined && ts.isNamedExports(node.exportClause) && node.exportClause.elements;
    return node.isTypeOnly || (elements !== false && elements.every((element) => element.isTypeOnly));
  }
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** What a statement declares and exports; overloads count once. */
function exportedNames(statement: ts.Statement): readonly string[] {
  if (!ts.canHaveModifiers(statement)) return [];
  if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText(statement.getSourceFile()));
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

function readsTheClock(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return /['"](node:)?timers/.test(node.moduleSpecifier.getText());
  if (ts.isNewExpression(node)) return isNamed(node.expression, 'Date') && (node.arguments ?? []).length === 0;
  if (ts.isPropertyAccessExpression(node)) {
    return (isNamed(node.expression, 'Date') || isNamed(node.expression, 'performance')) && node.name.text === 'now';
  }
  return (
    ts.isCallExpression(node) && (isNamed(node.expression, 'setTimeout') || isNamed(node.expression, 'setInterval'))
  );
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** The file that a relative import names, whichever ending it was written with. */
function resolveImport(importer: string, from: string): string {
  const target = path.posix.join(path.posix.dirname(importer), from).replace(/\.(js|cjs)$/, '');
  const found = [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`, `${target}.d.ts`].find((file) =>
    known.has(file),
  );
  return found ?? target;
}

/** The room with the longest name that the file's path begins with. */
function roomOf(file: string): string {
  const inside = Object.keys(rooms).filter((room) => file.startsWith(`${room}/`) || file.startsWith(`${room}.`));
  return inside.sort((one, other) => other.length - one.length)[0] ?? file;
}

function mayImport(room: string, target: string): boolean {
  return (
    room === target || rooms[room]!.imports.some((allowed) => target === allowed || target.startsWith(`${allowed}/`))
  );
}

function isRelative({ from }: Import): boolean {
  return from.startsWith('.');
}

describe('the rooms', () => {
  test('every source file is in a known room', () => {
    expect(files.map(({ file }) => file).filter((file) => rooms[roomOf(file)] === undefined)).toEqual([]);
  });

  test('a room imports only from the rooms that it may know, types included', () => {
    const strays = files.flatMap(({ file, imports }) => {
      const room = roomOf(file);
      return imports.filter(isRelative).flatMap(({ from }) => {
        const target = resolveImport(file, from);
        return mayImport(room, roomOf(target)) ? [] : [`${file} > ${target}`];
      });
    });
    expect([...new Set(strays)].sort()).toEqual(STRAYS_LEFT);
  });

  test('a room imports only its own packages', () => {
    const strays = files.flatMap(({ file, imports }) =>
      imports
        .filter(
          (one) => !isRelative(one) && !(rooms[roomOf(file)]?.packages ?? []).some((allowed) => allowed.test(one.from)),
        )
        .map(({ from, line }) => `${file}:${line} imports ${from}`),
    );
    expect(strays).toEqual([]);
  });

  test('what the kit deploys and what runs on a laptop never load the CDK', () => {
    const reached = reach(
      ['lib/client/index.ts', 'lib/testing/index.ts', 'bin/durable-steps.ts'].filter((f) => known.has(f)),
    );
    const loaders = files
      .filter(
        ({ file, imports }) =>
          reached.has(file) &&
          imports.some(({ from, typeOnly }) => !typeOnly && /^aws-cdk-lib|^constructs$/.test(from)),
      )
      .map(({ file }) => file);
    expect(loaders).toEqual([]);
  });

  test('no file is reached again by its own imports, types included', () => {
    expect(circles()).toEqual(CIRCLES_LEFT);
  });

  test(`no folder holds more than ${MOST_FILES_IN_A_FOLDER} files side by side`, () => {
    const counts = new Map<string, number>();
    for (const { file } of files.filter((source) => source.file.startsWith('lib/'))) {
      const folder = path.posix.dirname(file);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    const crowded = [...counts].filter(([, count]) => count > MOST_FILES_IN_A_FOLDER).map(([folder]) => folder);
    expect(crowded.sort()).toEqual(CROWDED_LEFT);
  });

  test(`no file is longer than ${MOST_LINES_OF_A_FILE} lines, and no function than ${MOST_LINES_OF_A_FUNCTION}`, () => {
    expect(files.flatMap(({ tooLong }) => tooLong).sort()).toEqual(LONG_LEFT);
  });
});

test('one name means one thing: no two files of lib export it', () => {
  const places = new Map<string, string[]>();
  for (const { file, declares } of files.filter((source) => source.file.startsWith('lib/'))) {
    for (const name of declares) places.set(name, [...(places.get(name) ?? []), file]);
  }
  expect([...places].filter(([, exporters]) => exporters.length > 1)).toEqual([]);
});

describe('time is a port', () => {
  test('only the clock, and files with a reason, read the time or set timers', () => {
    // The demos' activities are users' code: they may read the time, which the local cloud shifts under them.
    const own = files.filter(({ file }) => roomOf(file) !== 'lambda' && timeKeepers[file] === undefined);
    const strays = own.flatMap(({ clockReads }) => clockReads);
    expect(strays).toEqual([]);
  });

  test('each exception is still one', () => {
    const keepers = files.filter(({ clockReads }) => clockReads.length > 0).map(({ file }) => file);
    expect(Object.keys(timeKeepers).filter((file) => file.endsWith('.ts') && !keepers.includes(file))).toEqual([]);
  });
});

describe('the repository', () => {
  test('the lock file names no registry', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
    };
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test('every package that the shipped code loads is a dependency or a peer', () => {
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, object>;
    const declared = [...Object.keys(manifest['dependencies']!), ...Object.keys(manifest['peerDependencies']!)];
    const shipped = files.filter(
      ({ file }) =>
        ['lib/', 'lambda/hub/', 'bin/durable-steps'].some((shipped) => file.startsWith(shipped)) &&
        // What the page is made of is bundled when the package is built.
        !file.startsWith('lib/studio/page/'),
    );
    // So is what keeps the local cloud's tables: scripts/bundle-dynalite.mjs.
    declared.push('dynalite');
    const missing = shipped.flatMap(({ file, imports }) =>
      imports
        .filter((one) => !one.typeOnly && !isRelative(one) && !one.from.startsWith('node:'))
        .filter(({ from }) => !declared.some((name) => from === name || from.startsWith(`${name}/`)))
        .map(({ from }) => `${file}: ${from}`),
    );
    expect(missing).toEqual([]);
  });
});

function valueImportsOf({ file, imports }: Source): string[] {
  return imports.filter((one) => isRelative(one) && !one.typeOnly).map(({ from }) => resolveImport(file, from));
}

function reach(entries: readonly string[]): ReadonlySet<string> {
  const byFile = new Map(files.map((source) => [source.file, source]));
  const reached = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const source = byFile.get(file);
    if (reached.has(file) || source === undefined) continue;
    reached.add(file);
    queue.push(...valueImportsOf(source));
  }
  return reached;
}

/** The groups of files that reach each other by imports (strongly connected components, by Tarjan's algorithm). */
function circles(): readonly string[] {
  const edges = new Map(
    files.map(({ file, imports }) => [file, imports.filter(isRelative).map(({ from }) => resolveImport(file, from))]),
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!index.has(next) && edges.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.sort().join(' '));
  };
  for (const file of edges.keys()) if (!index.has(file)) visit(file);
  return found.sort();
}
