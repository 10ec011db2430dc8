import { STUDIO_TOKEN_HEADER } from '../../contract/studio.js';

/** What the host refused, in its words. */
class StudioError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const token = document.querySelector<HTMLMetaElement>('meta[name="studio-token"]')?.content ?? '';

/** Reads from the host. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf<T>(await fetch(`/studio/${path}`, signal === undefined ? {} : { signal }));
}

/** Asks the host to do something. */
export async function post<T>(path: string, body: object = {}): Promise<T> {
  const headers = { 'content-type': 'application/json', [STUDIO_TOKEN_HEADER]: token };
  return answerOf<T>(await fetch(`/studio/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = (await response.json()) as T & { readonly message?: string };
  if (!response.ok) throw new StudioError(answer.message ?? response.statusText, response.status);
  return answer;
}

/** A path below an instance. */
export function instancePath(key: string, rest = ''): string {
  return `instances/${encodeURIComponent(key)}${rest === '' ? '' : `/${rest}`}`;
}
