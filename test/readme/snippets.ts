import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** A fenced block of the documentation. */
export interface Snippet {
  /** `README.md:15`, where the fence opens. */
  readonly place: string;
  /** The heading above it, `` for none. */
  readonly section: string;
  readonly language: string;
  readonly text: string;
  /** What the reader doesn't see: the comment `<!-- before: … -->` right above the block, code that the block takes for granted. */
  readonly before: string;
}

/** The Markdown files of the documentation: README.md, and docs/. */
export function documentation(): readonly string[] {
  const docs = existsSync(path.join(root, 'docs'))
    ? readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => path.join('docs', file))
    : [];
  return ['README.md', ...docs].filter((file) => file.endsWith('.md'));
}

/** Every fenced block of a file. */
export function snippetsOf(file: string): readonly Snippet[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const fences = /^(?:<!-- before:\s*([\s\S]*?)-->\n+)?```(\w+)[^\n]*\n([\s\S]*?)^```$/gm;
  return [...text.matchAll(fences)].map(({ 0: whole, 1: before = '', 2: language, 3: code, index }) => ({
    place: `${file}:${text.slice(0, index + whole.indexOf('```')).split('\n').length}`,
    section: [...text.slice(0, index).matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? '',
    language: language!,
    text: code!,
    before,
  }));
}
