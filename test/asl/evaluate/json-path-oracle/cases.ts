import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../../../lib/asl/language/json.js';

/** What the library says of a path: its value, what is missing, why what is there has none, or why the path is none. */
export type Answer =
  | { readonly value: Json }
  | { readonly missing: string }
  | { readonly failed: string | null }
  | { readonly refused: string };

/** Paths of one kind, the document that each of them is read from, and the library's answers. */
export interface Cases {
  readonly kind: string;
  readonly document: Json;
  readonly answers: Readonly<Record<string, Answer>>;
}

const FILE = join(__dirname, 'cases.json');

export function readCases(): readonly Cases[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as readonly Cases[];
}

export function writeCases(cases: readonly Cases[]): void {
  writeFileSync(FILE, JSON.stringify(cases, null, 2));
}
