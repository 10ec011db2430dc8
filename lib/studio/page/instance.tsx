import { useEffect, useState } from 'preact/hooks';
import type { StudioEventsPage, StudioInstance } from '../../contract/studio.js';
import { decodeEvents } from '../model/events-page.js';
import { rootCause, Trace, type TraceSpan } from '../model/trace.js';
import { instancePath, read } from './api.js';
import { duration, visible } from './format.js';
import { rows } from './live.js';
import { Status } from './parts/status.js';

interface Loaded {
  readonly instance: StudioInstance;
  readonly trace: Trace;
}

/** One instance: why it failed, what it did, what went in and out. */
export function InstanceView({ id }: { readonly id: string }) {
  const [loaded, setLoaded] = useState<Loaded | undefined>();
  const [refusal, setRefusal] = useState('');
  const updated = rows.value.find(({ key }) => key === id)?.updated;
  useEffect(() => {
    load(id).then(setLoaded, (error: unknown) => setRefusal(String(error)));
  }, [id, updated]);
  if (loaded === undefined) return <p class="empty">{refusal === '' ? 'Loading …' : refusal}</p>;
  const { instance, trace } = loaded;
  const reason = rootCause(trace);
  return (
    <section class="instance-page">
      <h1>
        {visible(instance.id)} <Status status={instance.status} />
      </h1>
      <p>{instance.name}</p>
      {reason === undefined ? null : (
        <div class="why" role="alert">
          <b class="error-name">{visible(reason.error ?? 'Failed')}</b> in <code>{visible(reason.name)}</code>
          <pre>{visible(explain(reason.cause ?? ''))}</pre>
        </div>
      )}
      <h2>Steps</h2>
      <Steps spans={trace.roots} />
      <h2>Input</h2>
      <pre>{visible(JSON.stringify(instance.input, null, 2))}</pre>
      <h2>Output</h2>
      <pre>{visible(JSON.stringify(instance.output ?? null, null, 2))}</pre>
    </section>
  );
}

async function load(key: string): Promise<Loaded> {
  const instance = await read<StudioInstance>(instancePath(key));
  const trace = new Trace();
  for (let after: number | null = 0; after !== null; ) {
    const page: StudioEventsPage = await read(instancePath(key, `events?after=${after}`));
    for (const event of decodeEvents(page)) trace.add(event);
    after = page.next;
  }
  return { instance, trace };
}

/** A function's error is JSON: its message, and where in the user's code it was thrown. */
function explain(cause: string): string {
  try {
    const { errorMessage, trace = [] } = JSON.parse(cause) as { errorMessage?: string; trace?: readonly string[] };
    const frames = trace.filter((line) => /^\s+at /.test(line) && !/\(?node:|functions[\\/]bootstrap\.cjs/.test(line));
    return errorMessage === undefined ? cause : [errorMessage, ...frames].join('\n');
  } catch {
    return cause;
  }
}

function Steps({ spans }: { readonly spans: readonly TraceSpan[] }) {
  return (
    <ol>
      {spans.map((span) => (
        <li key={span.id}>
          <code>{visible(span.name)}</code> {span.status}
          {span.end === undefined ? '' : ` after ${duration(span.end - span.start)}`}
          {span.attempts.length > 1 ? `, ${span.attempts.length} attempts` : ''}
          {span.children.length === 0 ? null : <Steps spans={span.children} />}
        </li>
      ))}
    </ol>
  );
}
