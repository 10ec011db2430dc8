import { useState } from 'preact/hooks';

/** JSON that somebody types. */
export interface TypedJson {
  readonly text: string;
  /** The value; undefined while the text is no JSON. */
  readonly value: unknown;
  /** Why the text is no JSON, with line and column. */
  readonly problem?: string;
  set(text: string): void;
}

export function useJson(initial: string): TypedJson {
  const [text, set] = useState(initial);
  try {
    return { text, set, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { text, set, value: undefined, problem: explain(error, text) };
  }
}

/** A field for JSON: says where it is none, and lays it out. */
export function JsonField({ label, field }: { readonly label: string; readonly field: TypedJson }) {
  const { text, problem, value, set } = field;
  return (
    <div class="json-field">
      <label class="field">
        {label}
        <textarea
          spellcheck={false}
          aria-invalid={problem !== undefined}
          value={text}
          onInput={(event) => set(event.currentTarget.value)}
        />
      </label>
      <div class="json-field-end">
        <span class="error-name" role="status">
          {problem ?? ''}
        </span>
        <button
          type="button"
          class="small"
          disabled={problem !== undefined}
          onClick={() => set(JSON.stringify(value, null, 2))}
        >
          Format
        </button>
      </div>
    </div>
  );
}

/** Browsers count characters: people count lines. */
function explain(error: unknown, text: string): string {
  if (text.trim() === '') return 'Nothing is no JSON: write null';
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1] ?? (message.includes('end of JSON') ? text.length : undefined);
  if (position === undefined) return message;
  const before = text.slice(0, Number(position)).split('\n');
  return `Line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: not JSON`;
}
