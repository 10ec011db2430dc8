import type { HttpAnswer, Requester } from './web-page.js';

/** Options of a request besides method, path and body. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP API of the app. What a request sets off at once has happened when its answer is there; time stands meanwhile. */
export class TestApi {
  constructor(
    /** Where it is reached, without a slash at the end. */
    readonly url: string,
    private readonly requester: Requester,
  ) {}

  get<Body = unknown>(path: string, options?: RequestOptions): Promise<HttpAnswer<Body>> {
    return this.request('GET', path, undefined, options);
  }

  /** Posts a value as JSON; a text, or a form (`URLSearchParams`), as it is. */
  post<Body = unknown>(path: string, body?: unknown, options?: RequestOptions): Promise<HttpAnswer<Body>> {
    return this.request('POST', path, body, options);
  }

  put<Body = unknown>(path: string, body?: unknown, options?: RequestOptions): Promise<HttpAnswer<Body>> {
    return this.request('PUT', path, body, options);
  }

  delete<Body = unknown>(path: string, options?: RequestOptions): Promise<HttpAnswer<Body>> {
    return this.request('DELETE', path, undefined, options);
  }

  /** Any request. A path begins with a slash; a whole address of this API, as its answers contain, is fine too. */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    { headers = {} }: RequestOptions = {},
  ): Promise<HttpAnswer<Body>> {
    const url = /^https?:/.test(path) ? path : `${this.url}${path}`;
    const plain = body === undefined || typeof body === 'string' || body instanceof URLSearchParams;
    const type: Record<string, string> = plain ? {} : { 'content-type': 'application/json' };
    const answer = await this.requester(url, {
      method,
      headers: { ...type, ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body: plain ? body : JSON.stringify(body) }),
    });
    return answer as HttpAnswer<Body>;
  }
}
