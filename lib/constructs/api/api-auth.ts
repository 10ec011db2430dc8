import { createHash } from 'node:crypto';
import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as authorizers from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import { type ApiKey, HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import { API_PERMISSIONS, type ApiPermission } from '../../contract/hub-http.js';
import type { ApiAuthKind } from '../../contract/openapi/document.js';
import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOptions, type Kind } from '../../options/check-options.js';
import { either, options as group, listOf, named, needed, SPAN, text } from '../../options/kinds.js';
import { hubFunction } from '../hub/hub-function.js';

/** Scopes by what they allow. What isn't named nobody may do: the API has no route for it. */
export type ScopesByPermission = { readonly [Permission in ApiPermission]?: readonly string[] };

/** Options of {@link ApiAuth.jwt}. */
export interface JwtAuthOptions {
  /** Who issues the tokens, for example `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc`. */
  readonly issuer: string;
  /** Whom the tokens are for; one of them has to match. */
  readonly audience: readonly string[];
  /**
   * Scopes of which a token needs one: for everything, or for each permission. `{ start: ['orders/write'], read: ['orders/read', 'orders/write'] }` lets nobody signal, operate or purge.
   * @default - none: every token that is valid may do everything
   */
  readonly scopes?: readonly string[] | ScopesByPermission;
}

/** A key of an API, given by its digest. */
export interface ApiKeyOptions {
  /** Whose it is, for logs and for `owner: 'subject'`. Two keys of one name are one subject, so that a key can be replaced. */
  readonly name: string;
  /** SHA-256 of the key, in hex: {@link ApiAuth.digestOf}. */
  readonly sha256: string;
  /** What it may do. With none (`[]`) it reads the API's document alone. @default - everything */
  readonly permissions?: readonly ApiPermission[];
}

/** Options of {@link ApiAuth.apiKey}; at least one key. */
export interface ApiKeyAuthOptions {
  /** SHA-256 digests, in hex, of keys that may do everything: {@link ApiAuth.digestOf}. Several, so that a key can be replaced without a gap. @default - none */
  readonly sha256?: readonly string[];
  /** Keys with a name, and with what they may do. @default - none */
  readonly keys?: readonly ApiKeyOptions[];
  /** How long API Gateway remembers what a key may do, and so how long a key still works that was taken away. @default Duration.minutes(1) */
  readonly cacheFor?: Duration;
}

const SCOPES = listOf(text('a scope'));
const JWT: Checks<JwtAuthOptions> = {
  issuer: needed(text('the address of who issues the tokens')),
  audience: needed(listOf(text('whom the tokens are for'), 1)),
  scopes: either(
    SCOPES,
    named('scopes by permission', group(Object.fromEntries(API_PERMISSIONS.map((permission) => [permission, SCOPES])))),
  ),
};
// What isn't a digest may be the key itself, which no message shows.
const DIGEST: Kind = { ...text('a SHA-256 digest in hex, as `ApiAuth.digestOf(key)` gives it'), secret: true };
const API_KEYS: Checks<ApiKeyAuthOptions> = {
  sha256: { ...listOf(DIGEST), secret: true },
  keys: listOf(
    named(
      'a key, `{ name, sha256, permissions }`',
      group({ name: needed(text('a name')), sha256: needed(DIGEST), permissions: listOf(text('a permission')) }),
    ),
  ),
  cacheFor: SPAN,
};

/** Who may call an API. The choice is explicit: there is no default. */
export abstract class ApiAuth {
  /** Callers sign with AWS credentials (Signature Version 4) and need `execute-api:Invoke`, which `api.grant` gives for each permission. */
  static iam(): ApiAuth {
    return new FixedAuth('iam', () => new authorizers.HttpIamAuthorizer());
  }

  /** Callers send a JSON Web Token in `Authorization: Bearer …`; API Gateway checks it, and its scopes. */
  static jwt(options: JwtAuthOptions): ApiAuth {
    return new JwtAuth(options);
  }

  /**
   * Callers send a key in `x-api-key`. A Lambda authorizer compares its digest; the template holds digests only, so make keys long and random
   * (`openssl rand -hex 32`).
   *
   * @example ApiAuth.apiKey({ keys: [{ name: 'shop', sha256: ApiAuth.digestOf(key), permissions: ['start', 'read'] }] })
   */
  static apiKey(options: ApiKeyAuthOptions): ApiAuth {
    return new ApiKeyAuth(options);
  }

  /**
   * Everybody may call the API. Say so only where something else keeps strangers out. Synthesis warns of it; `Annotations.of(api).acknowledgeWarning('durable-steps:openApi', 'why')` says that
   * it is meant so.
   */
  static none(): ApiAuth {
    return new FixedAuth('none', (scope) => {
      Annotations.of(scope).addWarningV2(
        'durable-steps:openApi',
        `\`${scope.node.path}.auth\`: everybody may start, read and steer instances, since it is \`ApiAuth.none()\`; choose iam, jwt or apiKey, or acknowledge this`,
      );
      return new apigateway.HttpNoneAuthorizer();
    });
  }

  /** The digest of a key for {@link apiKey}. */
  static digestOf(key: string): string {
    return createHash('sha256').update(key).digest('hex');
  }

  /** Which kind it is. */
  abstract readonly kind: ApiAuthKind;
  /** Scopes of which a route asks for one, none for no scope; undefined where nobody may do what the route does. Without a permission, those of routes that take none. */
  scopesFor(_permission?: ApiPermission): readonly string[] | undefined {
    return [];
  }
  /** @internal Refuses options of the wrong kind, named by the API that they are for. */
  check(_where: string): void {}
  /** Makes the authorizer of an API. */
  abstract bind(scope: Construct): apigateway.IHttpRouteAuthorizer;
}

class FixedAuth extends ApiAuth {
  constructor(
    readonly kind: ApiAuthKind,
    private readonly make: (scope: Construct) => apigateway.IHttpRouteAuthorizer,
  ) {
    super();
  }

  bind(scope: Construct): apigateway.IHttpRouteAuthorizer {
    return this.make(scope);
  }
}

class JwtAuth extends ApiAuth {
  readonly kind = 'jwt';

  constructor(private readonly options: JwtAuthOptions) {
    super();
  }

  override check(where: string): void {
    checkOptions(where, this.options, JWT);
  }

  override scopesFor(permission?: ApiPermission): readonly string[] | undefined {
    const { scopes } = this.options;
    if (scopes === undefined || isList(scopes)) return scopes ?? [];
    if (permission === undefined) return [];
    return scopes[permission]?.length ? scopes[permission] : undefined;
  }

  bind(scope: Construct): apigateway.IHttpRouteAuthorizer {
    const { issuer, audience, scopes } = this.options;
    if (scopes !== undefined && isList(scopes) && scopes.length === 0) {
      throw new DurableStepsError('InvalidOption', {
        where: `${scope.node.path}.auth.scopes`,
        expected: 'scopes of which a token needs one',
        got: 'an empty list, which no token could meet',
        fix: 'leave `scopes` out to let in every valid token',
      });
    }
    return new authorizers.HttpJwtAuthorizer('Jwt', issuer, { jwtAudience: [...audience] });
  }
}

function isList(scopes: readonly string[] | ScopesByPermission): scopes is readonly string[] {
  return Array.isArray(scopes);
}

class ApiKeyAuth extends ApiAuth {
  readonly kind = 'apiKey';

  constructor(private readonly options: ApiKeyAuthOptions) {
    super();
  }

  override check(where: string): void {
    checkOptions(where, this.options, API_KEYS);
  }

  bind(scope: Construct): apigateway.IHttpRouteAuthorizer {
    const fn = hubFunction(scope, 'CheckApiKey', {
      entry: 'check-api-key',
      description: 'Lets requests in whose API key is known, and may do what they ask for',
      environment: { [HUB_ENVIRONMENT.apiKeys]: Stack.of(scope).toJsonString(this.readKeys(scope)) },
      memorySize: 256,
      timeout: Duration.seconds(5),
    });
    return new authorizers.HttpLambdaAuthorizer('ApiKey', fn, {
      responseTypes: [authorizers.HttpLambdaResponseType.SIMPLE],
      // The route among them, so that what is remembered holds for it alone.
      identitySource: ['$request.header.x-api-key', '$context.routeKey'],
      resultsCacheTtl: this.options.cacheFor ?? Duration.minutes(1),
    });
  }

  private readKeys(scope: Construct): readonly ApiKey[] {
    const { sha256 = [], keys = [] } = this.options;
    const all: ApiKey[] = [...sha256.map((digest) => ({ name: digest.slice(0, 12), sha256: digest })), ...keys];
    const wrong = all.find((key) => !/^[0-9a-f]{64}$/i.test(key.sha256));
    if (all.length === 0 || wrong !== undefined) {
      throw new DurableStepsError('InvalidOption', {
        where: `${scope.node.path}.auth`,
        expected: 'SHA-256 digests of API keys, 64 hex digits each',
        got: wrong === undefined ? 'none' : `${wrong.sha256.length} characters`,
        fix: 'ApiAuth.digestOf(key) makes one',
      });
    }
    const unknown = all.flatMap(({ permissions = [] }) => permissions).find((one) => !API_PERMISSIONS.includes(one));
    if (unknown === undefined) return all;
    throw new DurableStepsError('InvalidOption', {
      where: `${scope.node.path}.auth.keys`,
      expected: `permissions: ${API_PERMISSIONS.join(', ')}`,
      got: `\`${unknown}\``,
    });
  }
}
