/** What somebody did to an instance, or tried. */
export interface AuditEntry {
  /** The operation, for example `terminateInstance` or `decideApproval`. */
  readonly operation: string;
  /** Who: `iam:<ARN>`, `jwt:<issuer>#<sub>`, `key:<name>`, `approver:<name>`; null where nobody was asked. */
  readonly subject: string | null;
  /** To what: an instance id, an orchestration, an event's name. */
  readonly object: Readonly<Record<string, string | number>>;
  /** What came of it, for example the answer's status. */
  readonly result: Readonly<Record<string, string | number>>;
}

/**
 * Writes a line of JSON into the function's log: who did what to what, and what came of it. Neither what was sent nor what was answered, nor anything that lets its reader in.
 *
 * In CloudWatch Logs Insights: `filter ispresent(audit.operation) | stats count() by audit.subject, audit.operation`.
 */
export function writeAudit(entry: AuditEntry): void {
  // Not by the console, which puts something before its lines.
  process.stdout.write(`${JSON.stringify({ level: 'INFO', audit: entry })}\n`);
}
