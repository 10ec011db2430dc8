import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../asl/language/json.js';
import type { Clock } from '../../../clock.js';

/** How a queue treats its messages; times in milliseconds. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly visibilityTimeout: number;
  readonly delay: number;
  readonly retention: number;
  readonly receiveWait: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

/** What a sender gives. */
export interface NewMessage {
  readonly body: string;
  /** In the API's form: `{ name: { DataType, StringValue | BinaryValue } }`. */
  readonly attributes?: JsonObject;
  readonly delay?: number;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** A message in a queue. */
export interface Message extends NewMessage {
  readonly id: string;
  readonly sentAt: number;
  readonly sequence: number;
  /** From then on it can be received. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Of the latest receipt; an older one deletes nothing. */
  receiptHandle?: string;
  /** The queue that gave it up, in a dead-letter queue. */
  readonly deadLetterSource?: string;
}

/** FIFO queues take a deduplication id once in this time. */
const DEDUPLICATION_MS = 300_000;

/**
 * One queue: messages in order, visibility on the clock, and what exceeds its receive count handed to the dead-letter queue.
 *
 * It sets no timers: whoever polls asks {@link nextVisibleAt}.
 */
export class Queue {
  private messages: Message[] = [];
  private sequence = 0;
  private readonly recent = new Map<string, { readonly message: Message; readonly until: number }>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private current: QueueSettings,
    private readonly clock: Clock,
    /** Takes what was received too often. */
    private readonly giveUp: (message: Message) => void,
  ) {}

  get settings(): QueueSettings {
    return this.current;
  }

  /** Goes on under other settings; a message keeps the times that it was given. */
  configure(settings: QueueSettings): void {
    this.current = settings;
    this.announce();
  }

  /** Adds a message; a duplicate in a FIFO queue gives the first one. */
  send(message: NewMessage): Message {
    const now = this.clock.now();
    const known = this.recent.get(message.deduplicationId ?? '');
    if (this.settings.fifo && known !== undefined && known.until > now) return known.message;
    const sent = this.add(message, { id: randomUUID(), sentAt: now });
    if (message.deduplicationId !== undefined) {
      this.recent.set(message.deduplicationId, { message: sent, until: now + DEDUPLICATION_MS });
    }
    return sent;
  }

  /** Adds what another queue gave up. */
  takeOver({ id, sentAt, body, attributes, groupId, deduplicationId }: Message, source: string): void {
    const message = {
      body,
      ...(attributes === undefined ? {} : { attributes }),
      ...(groupId === undefined ? {} : { groupId }),
      ...(deduplicationId === undefined ? {} : { deduplicationId }),
    };
    this.add(message, { id, sentAt, deadLetterSource: source });
  }

  /** Receives up to `count` visible messages, which are invisible for a while then. */
  receive(count: number, visibilityTimeout = this.settings.visibilityTimeout): readonly Message[] {
    const now = this.clock.now();
    this.messages = this.messages.filter(({ sentAt }) => sentAt + this.settings.retention > now);
    const received: Message[] = [];
    const busyGroups = this.busyGroups(now);
    for (const message of [...this.messages]) {
      if (received.length === count) break;
      if (message.visibleAt > now || (message.groupId !== undefined && busyGroups.has(message.groupId))) continue;
      if (this.isExhausted(message)) {
        this.remove(message);
        this.giveUp(message);
        continue;
      }
      message.receiveCount++;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityTimeout;
      message.receiptHandle = `${message.id}.${randomUUID()}`;
      received.push(message);
    }
    return received;
  }

  /** Deletes a message by its latest receipt; another receipt deletes nothing. */
  delete(receiptHandle: string): void {
    this.messages = this.messages.filter((message) => message.receiptHandle !== receiptHandle);
    this.announce();
  }

  /** Sets when a received message is visible again. Returns whether there is such a message in flight. */
  changeVisibility(receiptHandle: string, timeout: number): boolean {
    const now = this.clock.now();
    const message = this.messages.find((one) => one.receiptHandle === receiptHandle && one.visibleAt > now);
    if (message === undefined) return false;
    message.visibleAt = now + timeout;
    this.announce();
    return true;
  }

  purge(): void {
    this.messages = [];
  }

  /** How many messages are visible, in flight, and delayed. */
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = this.clock.now();
    const hidden = this.messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiptHandle }) => receiptHandle !== undefined).length;
    return { visible: this.messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  /** When the next message can be received: now or later; undefined in an empty queue. */
  nextVisibleAt(): number | undefined {
    return this.messages.reduce<number | undefined>(
      (first, { visibleAt }) => (first === undefined || visibleAt < first ? visibleAt : first),
      undefined,
    );
  }

  /** Calls back when a message came, or may be visible at another time. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private add(
    message: NewMessage,
    origin: { readonly id: string; readonly sentAt: number; readonly deadLetterSource?: string },
  ): Message {
    const visibleAt = this.clock.now() + (message.delay ?? this.settings.delay);
    const added: Message = { ...message, ...origin, sequence: this.sequence++, visibleAt, receiveCount: 0 };
    this.messages.push(added);
    this.announce();
    return added;
  }

  private isExhausted({ receiveCount }: Message): boolean {
    const { redrive } = this.settings;
    return redrive !== undefined && receiveCount >= redrive.maxReceiveCount;
  }

  private busyGroups(now: number): ReadonlySet<string> {
    const inFlight = this.messages.filter(
      ({ visibleAt, receiptHandle }) => receiptHandle !== undefined && visibleAt > now,
    );
    return new Set(inFlight.flatMap(({ groupId }) => (groupId === undefined ? [] : [groupId])));
  }

  private remove(message: Message): void {
    this.messages = this.messages.filter((one) => one !== message);
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }
}
