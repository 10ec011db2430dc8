import * as path from 'node:path';
import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

/** A program of files that are nowhere but in memory, as a strict user compiles them. Their imports are resolved from `test/types`. */
export function snippetProgram(snippets: Readonly<Record<string, string>>): {
  readonly program: ts.Program;
  readonly fileOf: (name: string) => ts.SourceFile;
} {
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  };
  const placeOf = (name: string): string => path.join(root, 'test', 'types', `${name}.snippet.ts`);
  const files = new Map(Object.entries(snippets).map(([name, code]) => [placeOf(name), code]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  host.getSourceFile = (file, ...rest) => {
    const code = files.get(file);
    return code === undefined
      ? getSourceFile.call(host, file, ...rest)
      : ts.createSourceFile(file, code, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return { program, fileOf: (name) => program.getSourceFile(placeOf(name))! };
}
