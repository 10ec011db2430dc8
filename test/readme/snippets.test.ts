import * as path from 'node:path';
import * as ts from 'typescript';
import { documentation, type Snippet, snippetsOf } from './snippets.js';

const root = path.resolve(__dirname, '../..');
/** Where the snippets are said to be: the directory of a user's project. */
const project = path.join(root, 'test', 'readme', 'project');

/**
 * The files that snippets are checked as. A snippet that begins with a comment such as `// lambda/price.ts` is that file, which later snippets of the same page can import; every other one is a
 * file of its own.
 */
function filesOf(snippets: readonly Snippet[]): ReadonlyMap<string, Snippet> {
  return new Map(
    snippets.map((snippet, index) => {
      const named = /^\/\/ ([\w./-]+\.ts)\b/.exec(snippet.text)?.[1];
      return [path.join(project, named ?? `snippet-${index}.ts`), snippet];
    }),
  );
}

function contentOf({ before, text }: Snippet): string {
  // What goes before stands on one line, so that line numbers in messages can be told.
  return `${before.replaceAll('\n', ' ')}\n${text}\nexport {};`;
}

/** The compiler's complaints about a page's snippets, each with its place in the page. */
function errorsOf(page: string): readonly string[] {
  const files = filesOf(snippetsOf(page).filter(({ language }) => language === 'ts'));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node', 'jest'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    paths: {
      'durable-steps': [path.join(root, 'lib/index.ts')],
      'durable-steps/client': [path.join(root, 'lib/client/index.ts')],
      'durable-steps/testing': [path.join(root, 'lib/testing/index.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(path.normalize(name)) || fileExists(name);
  host.readFile = (name) => {
    const snippet = files.get(path.normalize(name));
    return snippet === undefined ? readFile(name) : contentOf(snippet);
  };
  host.getSourceFile = (name, ...rest) => {
    const snippet = files.get(path.normalize(name));
    if (snippet === undefined) return getSourceFile(name, ...rest);
    return ts.createSourceFile(name, contentOf(snippet), ts.ScriptTarget.ES2022, true);
  };
  host.getCurrentDirectory = () => root;
  host.directoryExists = undefined;
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([file, snippet]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) =>
      describeError(diagnostic, snippet),
    );
  });
}

function describeError({ file, start = 0, messageText }: ts.Diagnostic, { place }: Snippet): string {
  const [page, line] = place.split(':');
  const within = file?.getLineAndCharacterOfPosition(start).line ?? 0;
  return `${page}:${Number(line) + within} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}

test.each(documentation())('every TypeScript snippet of %s compiles', (page) => {
  expect(errorsOf(page)).toEqual([]);
});

test('README.md has TypeScript snippets', () => {
  expect(snippetsOf('README.md').filter(({ language }) => language === 'ts').length).toBeGreaterThan(0);
});
