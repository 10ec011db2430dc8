import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { ApprovalQuestion, ApprovalResult, AskWindow, CloseRequest } from '../../lib/contract/approval.js';
import type { MailMessage } from '../../lib/contract/approval-environment.js';
import type { ApprovalDependencies } from '../../lib/hub/approvals/approval-desk.js';
import { serveApprovalRequest } from '../../lib/hub/approvals/ask.js';
import type { PageAnswer } from '../../lib/hub/html/page.js';
import type { Hub } from '../../lib/hub/hub.js';
import { refuseAddress } from '../../lib/hub/mail/address.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { type ApprovalPrivacy, type PageEvent, serveApproval } from '../../lib/hub/pages/serve-approvals.js';
import { Crash, createHub, type HubKit } from './hub-kit.js';

const BASE_URL = 'https://hub.example';
const HOUR = 3_600_000;

/** An approval's life without a state machine: the test plays it, by opening windows. */
export interface ApprovalKit extends HubKit {
  readonly desk: ApprovalDependencies;
  /** Every mail that the provider took. */
  readonly mails: MailMessage[];
  /** What the desk called so far: `GetItem`, `PutItem`, `mail`, `SendTaskSuccess`, … */
  readonly steps: string[];
  /** The first window of an approval; a fresh token each time. */
  ask(question?: Partial<ApprovalQuestion>, window?: Partial<AskWindow>): Promise<string>;
  remind(number: number, window?: Partial<AskWindow>): Promise<string>;
  escalate(approvers: readonly string[], window?: Partial<AskWindow>): Promise<string>;
  close(onTimeout?: CloseRequest['onTimeout'], step?: string): Promise<ApprovalResult | null>;
  /** What the workflow got by a token; undefined while it waits. */
  answerTo(token: string): ApprovalResult | undefined;
  /** Path of the latest link that an approver got. */
  linkOf(approver: string): string;
  request(method: string, path: string, more?: RequestOptions): Promise<PageAnswer>;
  decide(
    path: string,
    decision: 'approve' | 'reject',
    comment?: string,
    privacy?: ApprovalPrivacy,
  ): Promise<PageAnswer>;
  /** The process dies after so many more calls; the last call's effect stays. */
  dieAfter(calls: number): void;
  revive(): void;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly base64?: boolean;
  readonly privacy?: ApprovalPrivacy | undefined;
}

export async function createApprovals(dynamodb: DynamoDBClient): Promise<ApprovalKit> {
  const kit = await createHub(dynamodb);
  const mails: MailMessage[] = [];
  const steps: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  const step = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new Crash();
    left--;
    steps.push(name);
    const result = await call();
    if (left <= 0) throw new Crash();
    return result;
  };
  const tapped = (client: { send(command: never): Promise<unknown> }) => ({
    send: (command: object) =>
      step(command.constructor.name.replace('Command', ''), () => client.send(command as never)),
  });
  const hub: Hub = {
    ...kit.hub,
    dynamodb: tapped(kit.hub.dynamodb as never) as unknown as DynamoDBClient,
    stepFunctions: tapped(kit.hub.stepFunctions as never) as unknown as SFNClient,
  };
  const desk: ApprovalDependencies = {
    hub,
    baseUrl: BASE_URL,
    templates: {},
    newLinkId: () => randomBytes(32).toString('base64url'),
    mailer: {
      refusal: refuseAddress,
      send: (message) =>
        step('mail', async () => {
          mails.push(message);
        }),
    },
  };
  await startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' });
  kit.calls.length = 0;
  const askedAt = kit.hub.now();
  let tokens = 0;
  const window = (more: object) => {
    const taskToken = `token-${++tokens}`;
    kit.stepFunctions.openToken(taskToken);
    const address = { execution: 'one', step: 'approval', askedAt };
    const entry = { enteredAt: new Date(kit.hub.now()).toISOString(), retry: tokens };
    return { taskToken, ...address, ...entry, ...more } as unknown as AskWindow;
  };
  const open = async (request: AskWindow) => {
    await serveApprovalRequest(desk, request);
    return request.taskToken;
  };
  const request: ApprovalKit['request'] = (method, path, { headers = {}, body, base64, privacy } = {}) => {
    const event: PageEvent = {
      rawPath: path,
      headers: { host: 'hub.example', ...headers },
      ...(path.startsWith('/approvals/') ? { pathParameters: { link: path.slice('/approvals/'.length) } } : {}),
      ...(body === undefined ? {} : { body, isBase64Encoded: base64 ?? false }),
      requestContext: { domainName: 'hub.example', http: { method, sourceIp: '203.0.113.7' } },
    };
    return serveApproval(hub, event, privacy);
  };
  return {
    ...kit,
    desk,
    mails,
    steps,
    ask: (question = {}, more = {}) =>
      open(
        window({
          kind: 'ask',
          stateMachine: 'Publish',
          deadline: askedAt + 24 * HOUR,
          question: {
            subject: 'Publish beach.mp4?',
            approvers: ['ann@example.com'],
            quorum: 'any',
            rejectEarly: true,
            ...question,
          },
          ...more,
        }),
      ),
    remind: (number, more = {}) => open(window({ kind: 'remind', number, ...more })),
    escalate: (approvers, more = {}) => open(window({ kind: 'escalate', approvers, ...more })),
    close: (onTimeout = 'timedOut', name = 'approval') =>
      serveApprovalRequest(desk, { kind: 'close', execution: 'one', step: name, askedAt, onTimeout }),
    answerTo: (token) => {
      const { output } = kit.stepFunctions.tokens.get(token) ?? {};
      return output === undefined ? undefined : JSON.parse(output);
    },
    linkOf: (approver) => {
      const mail = mails.findLast(({ to }) => to === approver);
      if (mail === undefined) throw new Error(`no mail to ${approver}`);
      return mail.link.slice(BASE_URL.length);
    },
    request,
    decide: (path, decision, comment, privacy) =>
      request('POST', path, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ decision, ...(comment === undefined ? {} : { comment }) }).toString(),
        privacy,
      }),
    dieAfter: (calls) => {
      left = calls;
    },
    revive: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}
