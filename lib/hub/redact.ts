const ARN = /arn:[a-z-]+:([a-z0-9-]+):[a-z0-9-]*:\d*:([^\s"'<>\\,)]+)/g;

/** A text from AWS without ARNs, and so without account ids: `arn:aws:lambda:us-east-1:111122223333:function:Greet` becomes `lambda function:Greet`. */
export function redact(text: string): string {
  return text.replace(ARN, '$1 $2');
}

/** The message in an error's cause: Lambda writes `{"errorType", "errorMessage", "trace"}`, a failed sub-orchestration its description. */
export function redactCause(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null) {
      if ('errorMessage' in parsed && typeof parsed.errorMessage === 'string') return redact(parsed.errorMessage);
      if ('Cause' in parsed && typeof parsed.Cause === 'string') return redactCause(parsed.Cause);
      if ('cause' in parsed && typeof parsed.cause === 'string') return redactCause(parsed.cause);
    }
  } catch {
    // Not JSON: the text is the message.
  }
  return redact(cause);
}
