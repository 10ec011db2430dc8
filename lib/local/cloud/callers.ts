import { randomBytes } from 'node:crypto';
import { type Caller, DEVELOPER } from './service.js';

/** The credentials that a caller signs with. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Who is behind an access key.
 *
 * Each function gets a key of its own, so each of its calls is attributed to its role. Any other key is the developer's. Signatures aren't verified: the
 * port is open to this machine only.
 */
export class Callers {
  private readonly byKey = new Map<string, Caller>();

  /** Makes a key for a caller; it carries the caller's name, so that a log of requests can be read. */
  issue(caller: Caller, name: string): AccessKey {
    const base = `LOCAL${name.replace(/[^A-Za-z0-9]/g, '').slice(0, 80)}`;
    let accessKeyId = base;
    for (let number = 2; this.byKey.has(accessKeyId); number++) accessKeyId = `${base}${number}`;
    this.byKey.set(accessKeyId, caller);
    return { accessKeyId, secretAccessKey: randomBytes(20).toString('hex') };
  }

  find(accessKeyId: string): Caller {
    return this.byKey.get(accessKeyId) ?? DEVELOPER;
  }
}
