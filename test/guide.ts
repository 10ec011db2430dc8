import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

/** A fenced block of the README or a guide. */
export interface Snippet {
  /** The document, relative to the repository's root. */
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The file that it is, where its first line says so: `// lambda/quote.ts`. */
  readonly file?: string;
}

const root = path.resolve(__dirname, '..');

/** All fenced blocks of the README and the guides, in order. */
export function readSnippets(): readonly Snippet[] {
  const guides = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guides.map((name) => `docs/${name}`)].flatMap(readDocument);
}

function readDocument(document: string): readonly Snippet[] {
  const text = readFileSync(path.join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', block = ''] = match;
    const file = /^\/\/ ([\w./-]+)\n/.exec(block)?.[1];
    return {
      document,
      line: text.slice(0, match.index).split('\n').length,
      language,
      text: file === undefined ? block : block.slice(block.indexOf('\n') + 1),
      ...(file !== undefined && { file }),
    };
  });
}
