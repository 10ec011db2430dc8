import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

/**
 * The rooms of the code base: what each may import of ours, and which packages. A room that isn't here may import nothing, so that a new one is entered on purpose.
 */
const rooms: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly RegExp[] }>> = {
  'lib/errors': { rooms: [], packages: [] },
  'lib/clock': { rooms: [], packages: [] },
  'lib/contract': { rooms: ['lib/errors'], packages: [/^node:(crypto|buffer)$/] },
  'lib/asl': { rooms: ['lib/errors'], packages: [/^jsonata$/, /^node:(crypto|buffer|fs)$/] },
  'lib/engine': { rooms: ['lib/asl', 'lib/clock', 'lib/errors'], packages: [/^node:(crypto|zlib)$/] },
  'lib/flow': { rooms: ['lib/asl', 'lib/errors', 'lib/contract'], packages: [/^node:crypto$/] },
  'lib/bundling': { rooms: ['lib/errors'], packages: [/^node:/, /^esbuild$/] },
  'lib/constructs': {
    rooms: ['lib/flow', 'lib/asl', 'lib/bundling', 'lib/contract', 'lib/errors'],
    packages: [/^node:(fs|path|crypto|zlib)$/, /^aws-cdk-lib/, /^constructs$/],
  },
  'lib/index': { rooms: ['lib/constructs', 'lib/flow', 'lib/bundling', 'lib/contract', 'lib/errors'], packages: [] },
  'lib/client': {
    rooms: ['lib/hub', 'lib/contract', 'lib/errors'],
    packages: [/^node:crypto$/, /^@aws-sdk\//, /^aws-lambda$/],
  },
  'lib/hub': { rooms: ['lib/contract', 'lib/errors'], packages: [/^node:/, /^@aws-sdk\//, /^aws-lambda$/] },
  'lambda/hub': {
    rooms: ['lib/contract', 'lib/client', 'lib/hub'],
    packages: [/^node:/, /^@aws-sdk\//, /^aws-lambda$/],
  },
  'lib/assembly': { rooms: ['lib/errors', 'lib/contract', 'lib/asl'], packages: [/^node:(fs|path|crypto)$/] },
  'lib/local': {
    rooms: ['lib/assembly', 'lib/engine', 'lib/clock', 'lib/asl', 'lib/contract', 'lib/errors'],
    packages: [/^node:/, /^dynalite$/, /^@aws-sdk\//],
  },
  'lib/cli': {
    rooms: ['lib/local', 'lib/assembly', 'lib/engine', 'lib/clock', 'lib/asl', 'lib/contract', 'lib/errors'],
    packages: [/^node:/, /^commander$/],
  },
  'lib/testing': {
    rooms: [
      'lib/local',
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
  'bin/command': {
    rooms: ['lib/cli', 'lib/errors'],
    packages: [/^node:/],
  },
  'bin/demos': { rooms: ['lib/index', 'lambda/demos'], packages: [/^node:path$/, /^aws-cdk-lib/, /^constructs$/] },
  'lambda/demos': { rooms: ['lib/client'], packages: [/^node:/, /^@aws-sdk\//, /^aws-lambda$/, /^pdf-lib$/] },
};

/** Who may read the machine's time or set its timers, and why. Everything else is given a Clock. */
const timeKeepers: Readonly<Record<string, string>> = {
  'lib/clock.ts': 'the clock itself',
  'lib/hub/connect.ts': "the hub's functions run on Lambda: this is where their real clock is passed in",
  'lib/local/functions/bootstrap.cjs': "shifts a handler's Date to the cloud's time",
};

const root = path.resolve(__dirname, '..');
const files = ['lib', 'lambda', 'bin'].flatMap(sourcesOf).map((file) => read(file));
const known = new Set(files.map(({ file }) => file));

interface Source {
  readonly file: string;
  readonly imports: readonly Import[];
  readonly clockReads: readonly string[];
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

function sourcesOf(directory: string): string[] {
  return readdirSync(path.join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|cjs|mjs)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

function read(file: string): Source {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const clockReads: string[] = [];
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(node) });
    if (readsTheClock(node)) clockReads.push(`${file}:${lineOf(node)} ${node.getText(source).slice(0, 40)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { file, imports, clockReads };
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
  const target = path.posix.join(path.posix.dirname(importer), from).replace(/\.js$/, '');
  const found = [target, `${target}.ts`, `${target}/index.ts`, `${target}.d.ts`].find((file) => known.has(file));
  return found ?? target;
}

function roomOf(file: string): string {
  const [top, second = ''] = file.split('/');
  if (top === 'lambda') return second === 'hub' ? 'lambda/hub' : 'lambda/demos';
  if (top === 'bin') return second === 'app.ts' || second === 'demos' ? 'bin/demos' : 'bin/command';
  return `${top}/${second.replace(/\.ts$/, '')}`;
}

function isRelative({ from }: Import): boolean {
  return from.startsWith('.');
}

describe('the rooms', () => {
  test('every source file is in a known room', () => {
    expect(files.map(({ file }) => file).filter((file) => rooms[roomOf(file)] === undefined)).toEqual([]);
  });

  test('a room imports only from the rooms that it may know', () => {
    const strays = files.flatMap(({ file, imports }) => {
      const room = roomOf(file);
      return imports.filter(isRelative).flatMap(({ from, line }) => {
        const target = roomOf(resolveImport(file, from));
        return target === room || rooms[room]?.rooms.includes(target)
          ? []
          : [`${file}:${line} imports ${from} (${target})`];
      });
    });
    expect(strays).toEqual([]);
  });

  test('a room imports only its own packages', () => {
    const strays = files.flatMap(({ file, imports }) =>
      imports
        .filter((one) => !isRelative(one) && !rooms[roomOf(file)]?.packages.some((allowed) => allowed.test(one.from)))
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

  test('no file is reached again by its own value imports', () => {
    expect(findCycle()).toBeUndefined();
  });
});

describe('time is a port', () => {
  test('only the clock, and files with a reason, read the time or set timers', () => {
    // The demos' activities are users' code: they may read the time, which the local cloud shifts under them.
    const own = files.filter(({ file }) => roomOf(file) !== 'lambda/demos' && timeKeepers[file] === undefined);
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
    const shipped = files.filter(({ file }) =>
      ['lib', 'lambda/hub', 'bin/command'].some((room) => `${roomOf(file)}/`.startsWith(`${room}/`)),
    );
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

function findCycle(): readonly string[] | undefined {
  const edges = new Map(files.map((source) => [source.file, valueImportsOf(source)]));
  const done = new Set<string>();
  const search = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const cycle = search(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = search(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
