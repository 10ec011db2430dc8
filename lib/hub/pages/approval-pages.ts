import { MAX_COMMENT_LENGTH } from '../../contract/approval.js';
import { type Approval, type Approver, type RecordedDecision, tryOwedToken } from '../approvals/approval.js';
import { detailLines, showTime } from '../approvals/approval-text.js';
import type { Visit } from '../approvals/visit.js';
import { type Html, html } from '../html/html.js';
import { type PageAnswer, renderPage } from '../html/page.js';
import { showApprover } from '../printable.js';

/** The page for what somebody with a link finds. `late` is set when they tried to decide and could not. */
export function approvalPage(visit: Visit, late = false): PageAnswer {
  switch (visit.state) {
    case 'open':
      return renderPage({ status: 200, title: 'Your decision is needed', body: questionBody(visit) });
    case 'decided':
      return renderPage({ status: late ? 409 : 200, title: 'Decided', body: decidedBody(visit, late) });
    case 'expired':
      return renderPage({ status: 410, title: 'Too late', body: expiredBody(visit.approval) });
    case 'withdrawn':
      return renderPage({ status: 410, title: 'No longer needed', body: withdrawnBody(visit.approval) });
    case 'unknown':
      return unknownPage();
  }
}

/** The page for a link that leads nowhere. It tells nothing, whatever the reason. */
function unknownPage(): PageAnswer {
  return renderPage({
    status: 404,
    title: 'Unknown link',
    body: html`<span class="badge">Unknown link</span>
<h1>This link leads nowhere</h1>
<p>Please open the link in your mail once more, and make sure that all of it is in the address bar.</p>
<p class="note">Requests that were decided long ago are no longer kept.</p>`,
  });
}

/** The page for a request that can't be served. `badge` is for one of which it isn't known that it decided nothing. */
export function problemPage(
  status: number,
  problem: { readonly title: string; readonly text: string; readonly badge?: string },
  headers: Readonly<Record<string, string>> = {},
): PageAnswer {
  return renderPage({
    status,
    title: problem.title,
    headers,
    body: html`<span class="badge bad">${problem.badge ?? 'Nothing was decided'}</span>
<h1>${problem.title}</h1>
<p>${problem.text}</p>`,
  });
}

function questionBody({ approval, approver }: { readonly approval: Approval; readonly approver: Approver }): Html {
  return html`<p class="lead">${requesterOf(approval)} asks for your decision</p>
<h1>${approval.subject}</h1>
${facts(approval)}
<form method="post" accept-charset="utf-8">
<label for="comment">Comment <span>(optional, up to ${MAX_COMMENT_LENGTH} characters)</span></label>
<textarea id="comment" name="comment" maxlength="${MAX_COMMENT_LENGTH}" rows="4"></textarea>
<div class="actions">
<button class="approve" name="decision" value="approve">Approve</button>
<button class="reject" name="decision" value="reject">Reject</button>
</div>
</form>
<p class="note">You decide as ${showApprover(approver.name)}. ${rule(approval, approver)}</p>`;
}

function facts(approval: Approval): Html {
  const { details, deadline, decisions, unreached = [] } = approval;
  return html`<dl>
${detailLines(details).map(({ label, value }) => html`<div><dt>${label === '' ? 'Details' : label}</dt><dd>${value}</dd></div>\n`)}<div><dt>Decide until</dt><dd>${showTime(deadline)}</dd></div>
${unreached.length > 0 && html`<div><dt>Not reached</dt><dd>${unreached.map(({ by }) => showApprover(by)).join('\n')}</dd></div>\n`}${decisions.length > 0 && html`<div><dt>So far</dt><dd>${decisions.map(({ by, approved }) => `${showApprover(by)} ${verb(approved)}`).join('\n')}</dd></div>`}
</dl>`;
}

/** What one decision does. */
function rule({ needed, rejectEarly, approvers }: Approval, approver: Approver): string {
  const asked = approvers.filter(({ escalated }) => !escalated).length;
  if (approver.escalated && asked > 0) return 'Your decision settles it.';
  if (asked === 1) return 'Your decision is final.';
  const approvals =
    needed === 1 ? 'The first approval settles it' : `It takes ${needed} approvals of ${asked} approvers`;
  return `${approvals}${rejectEarly ? '; one rejection ends it' : ''}. Your decision is final.`;
}

type Decided = Extract<Visit, { state: 'decided' }>;

function decidedBody({ approval, approver, own }: Decided, late: boolean): Html {
  const { settled } = approval;
  const badge = settled === undefined ? 'good' : settled.outcome === 'approved' ? 'good' : 'bad';
  return html`<span class="badge ${badge}">${settled === undefined ? 'Your decision is recorded' : settled.outcome === 'approved' ? 'Approved' : 'Rejected'}</span>
<p class="lead">${requesterOf(approval)} asked</p>
<h1>${approval.subject}</h1>
<p>${late ? lateText(own, approver) : ownText(own, approver)}</p>
<ol>${approval.decisions.map(decisionItem)}</ol>
${settled === undefined && html`<p class="note">${progress(approval)}</p>`}${tryOwedToken(approval) !== undefined && html`<p class="note">${ON_ITS_WAY}</p>`}`;
}

/** The decision is stored, and the workflow isn't known to have it. */
const ON_ITS_WAY = 'The decision is recorded and is on its way to the workflow. There is nothing left for you to do.';

function ownText(own: RecordedDecision | undefined, approver: Approver): string {
  if (own === undefined)
    return `This has been decided; no decision of ${showApprover(approver.name)} is needed any more.`;
  return `Thank you. You ${verb(own.approved)} this as ${showApprover(own.by)}. You can close this page.`;
}

function lateText(own: RecordedDecision | undefined, approver: Approver): string {
  return own === undefined
    ? 'Others were faster: this was decided before your answer arrived, and your answer doesn’t count.'
    : `A decision of ${showApprover(approver.name)} is recorded already. The first one counts.`;
}

function progress({ decisions, needed }: Approval): string {
  const approvals = decisions.filter(({ approved }) => approved).length;
  return `${approvals} of ${needed} needed approvals so far.`;
}

function decisionItem({ by, approved, at, comment }: RecordedDecision): Html {
  return html`<li><strong>${showApprover(by)}</strong> ${verb(approved)} on ${showTime(at)}${comment !== null && html`<blockquote>${comment}</blockquote>`}</li>`;
}

function expiredBody(approval: Approval): Html {
  return html`<span class="badge">Too late</span>
<p class="lead">${requesterOf(approval)} asked</p>
<h1>${approval.subject}</h1>
<p>The time to decide ended on ${showTime(approval.deadline)}.</p>
${approval.decisions.length > 0 && html`<ol>${approval.decisions.map(decisionItem)}</ol>`}`;
}

function withdrawnBody(approval: Approval): Html {
  return html`<span class="badge">No longer needed</span>
<p class="lead">${requesterOf(approval)} asked</p>
<h1>${approval.subject}</h1>
<p>${withdrawnText(approval)}, so there is nothing left to decide.</p>`;
}

function withdrawnText({ givenUp }: Approval): string {
  return givenUp === true ? 'Too few of those who were asked could be reached' : 'The workflow that asked has ended';
}

function requesterOf({ requestedBy, orchestration }: Approval): string {
  return requestedBy ?? orchestration;
}

function verb(approved: boolean): string {
  return approved ? 'approved' : 'rejected';
}
