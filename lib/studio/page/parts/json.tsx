import { useState } from 'preact/hooks';
import { visible } from '../format.js';
import { Icon } from './icons.js';
import { tell } from './toasts.js';

/** Lists and objects of more entries begin closed. */
const MOST_OPEN = 30;
const MOST_SHOWN = 200;
const MOST_TEXT = 2_000;

/** A value of a workflow, with a title and a way to copy it. */
export function JsonBlock({ title, value }: { readonly title: string; readonly value: unknown }) {
  if (value === undefined) return null;
  const copy = () =>
    navigator.clipboard.writeText(JSON.stringify(value, null, 2)).then(
      () => tell(`${title} copied`),
      () => tell('The browser did not let the page copy', 'bad'),
    );
  return (
    <div class="json-block">
      <div class="json-title">
        <h3>{title}</h3>
        <button type="button" class="quiet tiny" aria-label={`Copy ${title}`} onClick={copy}>
          <Icon name="copy" size={14} />
        </button>
      </div>
      <div class="json">
        <JsonValue value={value} depth={0} />
      </div>
    </div>
  );
}

function JsonValue({ value, depth }: { readonly value: unknown; readonly depth: number }) {
  if (typeof value === 'object' && value !== null) return <JsonEntries value={value} depth={depth} />;
  if (typeof value === 'string') return <JsonString text={value} />;
  return <span class="json-scalar">{String(value)}</span>;
}

function JsonString({ text }: { readonly text: string }) {
  const [isOpen, open] = useState(false);
  const isLong = text.length > MOST_TEXT && !isOpen;
  return (
    <>
      <span class="json-string">{visible(JSON.stringify(isLong ? text.slice(0, MOST_TEXT) : text))}</span>
      {isLong ? (
        <button type="button" class="small" onClick={() => open(true)}>
          All {text.length} characters
        </button>
      ) : null}
    </>
  );
}

/** What is closed is not in the document until it is opened. */
function JsonEntries({ value, depth }: { readonly value: object; readonly depth: number }) {
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  const [isOpen, open] = useState(depth < 3 && entries.length <= MOST_OPEN);
  const [most, setMost] = useState(MOST_SHOWN);
  const [begin, end] = isList ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return <span class="json-scalar">{`${begin}${end}`}</span>;
  return (
    <details open={isOpen} onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        {begin}
        {isOpen ? '' : ` ${entries.length} ${isList ? 'items' : 'fields'} ${end}`}
      </summary>
      {isOpen ? (
        <ul>
          {entries.slice(0, most).map(([key, item]) => (
            <li key={key}>
              <span class="json-key">{isList ? key : visible(key)}</span>: <JsonValue value={item} depth={depth + 1} />
            </li>
          ))}
          {entries.length > most ? (
            <li>
              <button type="button" class="small" onClick={() => setMost(most + MOST_SHOWN * 5)}>
                {entries.length - most} more
              </button>
            </li>
          ) : null}
        </ul>
      ) : null}
      {isOpen ? end : null}
    </details>
  );
}
