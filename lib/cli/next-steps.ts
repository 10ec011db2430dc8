import { HUB_ENVIRONMENT, readOrchestrationNames } from '../contract/hub-environment.js';
import { HUB_ROUTES } from '../contract/hub-http.js';
import type { LocalCloud } from '../local/cloud/local-cloud.js';
import { readCodeFile } from '../local/functions/function-config.js';
import { programCall } from './options.js';

/** What a person may type next in another terminal, ready to paste. */
export function renderNextSteps(cloud: LocalCloud): readonly string[] {
  const { endpoint } = cloud.listen();
  const [first] = cloud.orchestrations;
  if (first === undefined) return [];
  const start = `aws --endpoint-url ${endpoint} stepfunctions start-execution`;
  return [
    ...startByHttp(cloud),
    `${programCall()} run ${first.id} --input '{}'`,
    `${start} --state-machine-arn ${first.stateMachineArn} --input '{}'`,
  ];
}

/** Starts an instance by each HTTP API of a task hub that lets everybody in. */
function startByHttp(cloud: LocalCloud): readonly string[] {
  const openApis = new Set(openStartRoutes(cloud));
  const lines = cloud.functions.configs.flatMap(({ code, environment }) => {
    const url = environment[HUB_ENVIRONMENT.apiUrl]?.replace(/\/$/, '');
    if (url === undefined || !openApis.has(url)) return [];
    const [name] = Object.keys(readOrchestrationNames(environment, (file) => readCodeFile(code, file)));
    return name === undefined ? [] : [`curl -X POST ${url}/orchestrations/${name} -d '{}'`];
  });
  return [...new Set(lines)];
}

function openStartRoutes(cloud: LocalCloud): readonly string[] {
  const { assembly } = cloud;
  const { method, path } = HUB_ROUTES.find(({ operation }) => operation === 'startInstance')!;
  const apis = assembly.ofType('AWS::ApiGatewayV2::Api');
  return assembly.ofType('AWS::ApiGatewayV2::Route').flatMap(({ properties }) => {
    const open = (properties['AuthorizationType'] ?? 'NONE') === 'NONE';
    if (!open || properties['RouteKey'] !== `${method} ${path}`) return [];
    return apis.filter(({ ref }) => ref === properties['ApiId']).map((api) => api.attribute('ApiEndpoint'));
  });
}
