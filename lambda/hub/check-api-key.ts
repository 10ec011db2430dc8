import { HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import { isKnownApiKey } from '../../lib/hub/http/api-key.js';

/** The part of a Lambda authorizer's request (payload format 2.0) that is read. */
interface AuthorizerRequest {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export async function handler(request: AuthorizerRequest): Promise<{ readonly isAuthorized: boolean }> {
  const digests: readonly string[] = JSON.parse(process.env[HUB_ENVIRONMENT.apiKeyDigests] ?? '[]');
  return { isAuthorized: isKnownApiKey(request.headers?.['x-api-key'], digests) };
}
