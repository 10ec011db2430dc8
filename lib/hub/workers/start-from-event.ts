import { HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import { type EventTemplate, renderEventTemplate, type StarterSettings } from '../../contract/starter.js';
import { DurableStepsError } from '../../errors.js';
import type { Hub } from '../hub.js';
import { hubError } from '../hub-error.js';
import { startInstance } from '../operations/start.js';

export type Starter = StarterSettings;

/** Reads what the construct put into the environment. */
export function readStarter(text: string | undefined): Starter {
  if (text !== undefined) return JSON.parse(text);
  throw new DurableStepsError('MissingEnvironment', {
    where: HUB_ENVIRONMENT.starter,
    expected: 'what the starter starts',
    got: 'nothing',
  });
}

/** What a queue's event source mapping wants to know. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
}

/**
 * Starts an instance for an event, or one for each message of a queue. The id comes from the event, so an event that is delivered again starts nothing new.
 * A message that can't be started is reported alone and comes back, in the end to the dead-letter queue.
 */
export async function startFromEvent(
  hub: Hub,
  starter: Starter,
  event: unknown,
): Promise<BatchAnswer | { readonly instanceId: string }> {
  if (starter.source !== 'queue') return { instanceId: await startOne(hub, starter, event) };
  const { Records } = event as { readonly Records: readonly QueueMessage[] };
  const results = await Promise.all(Records.map((message) => tryStartMessage(hub, starter, message)));
  return { batchItemFailures: results.flatMap((failed) => (failed === undefined ? [] : [{ itemIdentifier: failed }])) };
}

async function tryStartMessage(hub: Hub, starter: Starter, message: QueueMessage): Promise<string | undefined> {
  try {
    await startOne(hub, starter, { ...message, body: parseBody(message.body) });
    return undefined;
  } catch (error) {
    console.error(JSON.stringify({ level: 'ERROR', messageId: message.messageId, error: String(error) }));
    return message.messageId;
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function startOne(hub: Hub, starter: Starter, event: unknown): Promise<string> {
  return startInstance(hub, {
    name: starter.orchestration,
    instanceId: renderId(starter.instanceId, event),
    input: JSON.stringify(renderEventTemplate(starter.input, event) ?? null),
  });
}

/** An id is a text, or several values joined by dashes. */
function renderId(template: EventTemplate, event: unknown): string {
  const value = renderEventTemplate(template, event);
  const parts = Array.isArray(value) ? value : [value];
  const texts = parts.filter((part) => ['string', 'number', 'boolean'].includes(typeof part)).map(String);
  if (texts.length === parts.length && texts.length > 0) return texts.join('-');
  throw hubError('InvalidRequest', {
    where: 'instanceId',
    expected: 'texts or numbers in the event',
    got: JSON.stringify(value) ?? 'nothing',
  });
}
