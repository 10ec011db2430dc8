import type { StudioInstance } from '../../../contract/studio.js';
import { rootCause, type Trace } from '../../model/trace.js';
import { visible } from '../format.js';
import { config } from '../live.js';
import { href } from '../router.js';
import { readFailure } from './failure.js';

interface WhyProps {
  readonly instance: StudioInstance;
  readonly trace: Trace;
  select(name: string): void;
}

/** Why an instance failed: the step that was the first to fail, its error, and the user's own lines of it. */
export function Why({ instance, trace, select }: WhyProps) {
  const reason = rootCause(trace);
  if (reason === undefined && instance.error === undefined) return null;
  const error = reason?.error ?? instance.error ?? 'Failed';
  const { message, frames } = readFailure(reason?.cause ?? instance.cause ?? '', config.value?.root);
  const child = reason?.attempts.findLast((attempt) => attempt.child !== undefined)?.child;
  return (
    <div class="why" role="alert">
      <b class="error-name">{visible(error)}</b>
      {reason === undefined ? null : (
        <>
          {' in '}
          <button type="button" class="link" onClick={() => select(reason.name)}>
            {visible(reason.name)}
          </button>
        </>
      )}
      {child === undefined ? null : (
        <>
          {': '}
          <a href={href(['instance', child])}>open the child that failed</a>
        </>
      )}
      {message === '' && frames.length === 0 ? null : <pre>{visible([message, ...frames].join('\n'))}</pre>}
    </div>
  );
}
