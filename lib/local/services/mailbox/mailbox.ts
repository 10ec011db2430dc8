import { randomUUID } from 'node:crypto';
import { findLinks } from './links.js';

/** A mail that would have been sent. */
export interface ReceivedMail {
  readonly id: string;
  readonly from: string;
  /** Everybody who would have got it: to, cc and bcc. */
  readonly to: readonly string[];
  readonly subject: string;
  /** The plain text part. @default - the mail has none */
  readonly text?: string;
  /** The HTML part. @default - the mail has none */
  readonly html?: string;
  /** The web addresses in the mail, each once, in reading order. */
  readonly links: readonly string[];
  /** When it was sent, on the cloud's clock: ISO 8601. */
  readonly sentAt: string;
}

/** The mails of a local cloud, in memory: whatever SES or SNS would have delivered. */
export class Mailbox {
  private readonly mails = new Map<string, ReceivedMail>();
  private readonly listeners = new Set<(mail: ReceivedMail) => void>();

  /** Delivers a mail; listeners hear of it at once. */
  deliver(mail: Omit<ReceivedMail, 'id' | 'links'>): ReceivedMail {
    const delivered: ReceivedMail = { id: randomUUID(), ...mail, links: findLinks(mail) };
    this.mails.set(delivered.id, delivered);
    for (const listener of this.listeners) listener(delivered);
    return delivered;
  }

  /** All mails, the oldest first. */
  list(): readonly ReceivedMail[] {
    return [...this.mails.values()];
  }

  tryFind(id: string): ReceivedMail | undefined {
    return this.mails.get(id);
  }

  clear(): void {
    this.mails.clear();
  }

  /** Calls back for each new mail. Returns a function that ends the listening. */
  onMail(listener: (mail: ReceivedMail) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
