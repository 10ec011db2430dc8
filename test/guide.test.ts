import * as path from 'node:path';
import ts from 'typescript';
import { readSnippets, type Snippet } from './guide';

const root = path.resolve(__dirname, '..');
const snippets = readSnippets().filter(({ language }) => language === 'ts');

/** Type-checks files that exist only in memory, with `durable-steps` being this repository. */
function check(files: ReadonlyMap<string, string>): readonly string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node', 'jest'],
    typeRoots: [path.join(root, 'node_modules', '@types')],
    paths: {
      'durable-steps': [path.join(root, 'lib/index.ts')],
      'durable-steps/client': [path.join(root, 'lib/client/index.ts')],
      'durable-steps/testing': [path.join(root, 'lib/testing/index.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  host.directoryExists = (directory) =>
    [...files.keys()].some((file) => file.startsWith(`${directory}/`)) ||
    (directoryExists?.call(host, directory) ?? true);
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile.call(host, file, ...rest)
      : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) =>
    [
      ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
      ...program.getSemanticDiagnostics(program.getSourceFile(file)),
    ].map(({ messageText }) => `${path.relative(root, file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  );
}

test('the README and the guides have snippets', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(8);
  expect(snippets.filter(({ file }) => file !== undefined).map(({ file }) => file)).toEqual([
    'lambda/quote.ts',
    'lambda/send-quote.ts',
    'app.ts',
    'app.test.ts',
  ]);
});

test('every snippet type-checks', () => {
  const nameOf = ({ document, line, file }: Snippet) =>
    path.join(
      root,
      'test',
      'guide-snippets',
      file === undefined ? `${document.replace(/\W/g, '_')}_${line}.ts` : `guide/${file}`,
    );
  const files = new Map(snippets.map((snippet) => [nameOf(snippet), `${snippet.text}\nexport {};\n`]));
  // One that is wrong shows that mistakes would be found.
  files.set(
    path.join(root, 'test', 'guide-snippets', 'wrong.ts'),
    "import { flow } from 'durable-steps';\nflow<string>().stp();\n",
  );
  expect(check(files)).toEqual([
    expect.stringMatching(/wrong\.ts: Property 'stp' does not exist on type 'Flow<string/),
  ]);
});
