import { isJsonObject, type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import type { Value } from '../../../assembly/model.js';
import { DurableStepsError } from '../../../errors.js';
import type { ServiceResponse } from '../../cloud/service.js';
import { decideByStatements, readPolicy } from '../../iam/policy.js';
import type { LambdaAuthorizer } from './api-model.js';
import type { Authorized } from './authorization.js';
import { tryReadIdentities } from './identity-source.js';
import { renderGatewayMessage } from './proxy-answer.js';
import { type GatewayCall, renderContext2 } from './proxy-event.js';

/** What a Lambda authorizer needs from the gateway. */
export interface AuthorizerPort {
  /** The function's result as JSON text, or undefined when it can't be invoked or failed. */
  tryInvoke(authorizer: LambdaAuthorizer, event: JsonObject): Promise<string | undefined>;
  /** For example `arn:aws:execute-api:us-east-1:123456789012:abc/$default/GET/orders`. */
  methodArn(call: GatewayCall): string;
}

/** Asks Lambda authorizers, and remembers their answers for as long as the template says, on the cloud's clock. */
export class LambdaAuthorizers {
  private readonly cache = new Map<string, { readonly answer: Json; readonly until: number }>();

  constructor(private readonly port: AuthorizerPort) {}

  async authorize(authorizer: LambdaAuthorizer, call: GatewayCall): Promise<Authorized | ServiceResponse> {
    const identities = tryReadIdentities(authorizer.identitySource, call);
    if (identities === undefined) return renderGatewayMessage(401, 'Unauthorized');
    const answer = await this.ask(authorizer, call, identities);
    return answer === undefined
      ? renderGatewayMessage(500, 'Internal Server Error')
      : this.judge(authorizer, call, answer);
  }

  private async ask(
    authorizer: LambdaAuthorizer,
    call: GatewayCall,
    identities: readonly string[],
  ): Promise<Json | undefined> {
    const key = JSON.stringify([authorizer.id, call.stage.name, identities]);
    const known = this.cache.get(key);
    if (known !== undefined && known.until > call.time) return known.answer;
    const event = this.renderEvent(authorizer, call, identities);
    const payload = await this.port.tryInvoke(authorizer, event);
    const answer = payload === undefined ? undefined : tryParseJson(payload);
    if (answer !== undefined && authorizer.cacheSeconds > 0 && identities.length > 0) {
      this.cache.set(key, { answer, until: call.time + authorizer.cacheSeconds * 1000 });
    }
    return answer;
  }

  private judge(authorizer: LambdaAuthorizer, call: GatewayCall, answer: Json): Authorized | ServiceResponse {
    if (!isJsonObject(answer)) return renderGatewayMessage(500, 'Internal Server Error');
    const allowed = authorizer.simpleResponses ? answer['isAuthorized'] : this.isAllowed(call, answer);
    if (typeof allowed !== 'boolean') return renderGatewayMessage(500, 'Internal Server Error');
    if (!allowed) return renderGatewayMessage(403, 'Forbidden');
    const context = isJsonObject(answer['context']) ? answer['context'] : {};
    if (call.route.integration.payloadFormat === '2.0') return { context: { lambda: context } };
    return { context: { ...context, principalId: answer['principalId'] ?? null } };
  }

  /** An IAM answer: the statements decide on the route. Undefined when the answer is malformed. */
  private isAllowed(call: GatewayCall, answer: JsonObject): boolean | undefined {
    try {
      const statements = readPolicy(answer['policyDocument'] as Value | undefined, 'policyDocument');
      const question = { action: 'execute-api:Invoke', resource: this.port.methodArn(call), context: {} };
      return decideByStatements(statements, question) === 'Allow';
    } catch (error) {
      if (error instanceof DurableStepsError) return undefined;
      throw error;
    }
  }

  private renderEvent(authorizer: LambdaAuthorizer, call: GatewayCall, identities: readonly string[]): JsonObject {
    const { request, route, stage, parameters } = call;
    const query = Object.fromEntries(request.query);
    const shared = {
      type: 'REQUEST',
      identitySource: authorizer.payloadFormat === '2.0' ? identities : identities.join(','),
      headers: { ...request.headers },
      queryStringParameters: query,
      pathParameters: parameters,
      stageVariables: stage.variables,
      requestContext: renderContext2(call, undefined),
    };
    if (authorizer.payloadFormat === '2.0') {
      const paths = { routeArn: this.port.methodArn(call), routeKey: route.key, rawPath: call.path };
      return { version: '2.0', ...shared, ...paths, rawQueryString: request.query.toString() };
    }
    const [, resource = '$default'] = route.key.split(' ');
    const method = { methodArn: this.port.methodArn(call), resource, path: call.path, httpMethod: request.method };
    return { version: '1.0', ...shared, ...method, authorizationToken: identities[0] ?? '' };
  }
}
