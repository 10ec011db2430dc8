import { isJsonArray, isJsonObject, type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import type { ServiceResponse } from '../../cloud/service.js';
import type { JwtAuthorizer } from './api-model.js';
import type { Authorized } from './authorization.js';
import { tryReadIdentities } from './identity-source.js';
import { renderGatewayMessage } from './proxy-answer.js';
import type { GatewayCall } from './proxy-event.js';

/**
 * Checks a JSON Web Token as API Gateway does, but for its signature.
 *
 * The local cloud asks no identity provider for keys, so **any signature passes, also none** (`"alg": "none"`): make a token with the claims that a test
 * needs. Issuer, audience (`aud`, or `client_id` without it), `exp`, `nbf`, `iat` (on the cloud's clock) and scopes are checked.
 */
export function authorizeJwt(
  authorizer: JwtAuthorizer,
  scopes: readonly string[],
  call: GatewayCall,
): Authorized | ServiceResponse {
  const [identity] = tryReadIdentities(authorizer.identitySource, call) ?? [];
  if (identity === undefined) return unauthorized();
  const claims = tryReadClaims(identity.replace(/^bearer\s+/i, ''));
  if (claims === undefined) return unauthorized('the token is not a JSON Web Token');
  const problem = tryFindProblem(authorizer, claims, Math.floor(call.time / 1000));
  if (problem !== undefined) return unauthorized(problem);
  const granted = scopesOf(claims);
  if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
    return renderGatewayMessage(403, 'Forbidden', {
      'www-authenticate': `Bearer scope="${scopes.join(' ')}" error="insufficient_scope"`,
    });
  }
  const texts = Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, renderClaim(value)]));
  return { context: { jwt: { claims: texts, scopes: scopes.length === 0 ? null : granted } } };
}

function unauthorized(problem?: string): ServiceResponse {
  const detail = problem === undefined ? '' : ` error="invalid_token" error_description="${problem}"`;
  return renderGatewayMessage(401, 'Unauthorized', { 'www-authenticate': `Bearer${detail}` });
}

function tryReadClaims(token: string): JsonObject | undefined {
  const [header, payload, , ...rest] = token.split('.');
  if (header === undefined || payload === undefined || rest.length > 0) return undefined;
  const claims = tryParseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  return isJsonObject(claims) && isJsonObject(tryParseJson(Buffer.from(header, 'base64url').toString('utf8')))
    ? claims
    : undefined;
}

function tryFindProblem({ issuer, audience }: JwtAuthorizer, claims: JsonObject, now: number): string | undefined {
  const { iss, exp, nbf, iat } = claims;
  const audiences = claims['aud'] ?? claims['client_id'] ?? null;
  const given = isJsonArray(audiences) ? audiences : [audiences];
  if (iss !== issuer) return `Issuer claim ${iss === undefined ? 'missing' : 'is not the configured issuer'}`;
  if (!given.some((one) => typeof one === 'string' && audience.includes(one)))
    return 'the token has an invalid audience';
  if (typeof exp !== 'number' || exp <= now) return 'the token has expired';
  if (typeof nbf === 'number' && nbf > now) return 'the token is not valid yet';
  if (typeof iat === 'number' && iat > now) return 'the token was issued in the future';
  return undefined;
}

function scopesOf({ scope, scp }: JsonObject): readonly string[] {
  const value = scope ?? scp;
  if (isJsonArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(' ').filter((one) => one !== '') : [];
}

/** API Gateway hands every claim on as text. */
function renderClaim(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(renderClaim).join(' ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
