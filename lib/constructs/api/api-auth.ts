import { createHash } from 'node:crypto';
import { Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as authorizers from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import { HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import type { ApiAuthKind } from '../../contract/openapi.js';
import { DurableStepsError } from '../../errors.js';
import { hubFunction } from '../hub/hub-function.js';

/** Options of {@link ApiAuth.jwt}. */
export interface JwtAuthOptions {
  /** Who issues the tokens, for example `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc`. */
  readonly issuer: string;
  /** Whom the tokens are for; one of them has to match. */
  readonly audience: readonly string[];
  /** Scopes of which a token needs one. @default - none */
  readonly scopes?: readonly string[];
}

/** Options of {@link ApiAuth.apiKey}. */
export interface ApiKeyAuthOptions {
  /** SHA-256 digests of the keys, in hex: {@link ApiAuth.digestOf}. Several, so that a key can be replaced without a gap. */
  readonly sha256: readonly string[];
}

/** Who may call an API. The choice is explicit: there is no default. */
export abstract class ApiAuth {
  /** Callers sign with AWS credentials (Signature Version 4) and need `execute-api:Invoke`. */
  static iam(): ApiAuth {
    return new FixedAuth('iam', () => new authorizers.HttpIamAuthorizer());
  }

  /** Callers send a JSON Web Token in `Authorization: Bearer …`; API Gateway checks it. */
  static jwt(options: JwtAuthOptions): ApiAuth {
    return new FixedAuth(
      'jwt',
      () => new authorizers.HttpJwtAuthorizer('Jwt', options.issuer, { jwtAudience: [...options.audience] }),
      options.scopes ?? [],
    );
  }

  /**
   * Callers send a key in `x-api-key`. A Lambda authorizer compares its digest; the template holds digests only, so make keys long and random
   * (`openssl rand -hex 32`).
   */
  static apiKey(options: ApiKeyAuthOptions): ApiAuth {
    return new ApiKeyAuth(options);
  }

  /** Everybody may call the API. Say so only where something else keeps strangers out. */
  static none(): ApiAuth {
    return new FixedAuth('none', () => new apigateway.HttpNoneAuthorizer());
  }

  /** The digest of a key for {@link apiKey}. */
  static digestOf(key: string): string {
    return createHash('sha256').update(key).digest('hex');
  }

  /** Which kind it is. */
  abstract readonly kind: ApiAuthKind;
  /** Scopes that the routes ask for. */
  abstract readonly scopes: readonly string[];
  /** Makes the authorizer of an API. */
  abstract bind(scope: Construct): apigateway.IHttpRouteAuthorizer;
}

class FixedAuth extends ApiAuth {
  constructor(
    readonly kind: ApiAuthKind,
    private readonly make: () => apigateway.IHttpRouteAuthorizer,
    readonly scopes: readonly string[] = [],
  ) {
    super();
  }

  bind(): apigateway.IHttpRouteAuthorizer {
    return this.make();
  }
}

class ApiKeyAuth extends ApiAuth {
  readonly kind = 'apiKey';
  readonly scopes = [];

  constructor(private readonly options: ApiKeyAuthOptions) {
    super();
  }

  bind(scope: Construct): apigateway.IHttpRouteAuthorizer {
    const { sha256 } = this.options;
    const wrong = sha256.find((digest) => !/^[0-9a-f]{64}$/i.test(digest));
    if (sha256.length === 0 || wrong !== undefined) {
      throw new DurableStepsError('InvalidOption', {
        where: `${scope.node.path}.auth`,
        expected: 'SHA-256 digests of API keys, 64 hex digits each',
        got: wrong === undefined ? 'none' : `${wrong.length} characters`,
        fix: 'ApiAuth.digestOf(key) makes one',
      });
    }
    const fn = hubFunction(scope, 'CheckApiKey', {
      entry: 'check-api-key',
      description: 'Lets requests in whose API key is known',
      environment: { [HUB_ENVIRONMENT.apiKeyDigests]: Stack.of(scope).toJsonString(sha256) },
      memorySize: 256,
      timeout: Duration.seconds(5),
    });
    return new authorizers.HttpLambdaAuthorizer('ApiKey', fn, {
      responseTypes: [authorizers.HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.x-api-key'],
      resultsCacheTtl: Duration.minutes(5),
    });
  }
}
