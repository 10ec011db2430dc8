import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';

/** Where an API is reached: at the domain that leads to it, whose mapping may add a piece of path, else at API Gateway's own address. No slash at the end. */
export function apiAddress(httpApi: apigateway.HttpApi, domain: apigateway.DomainMappingOptions | undefined): string {
  if (domain === undefined) return httpApi.apiEndpoint;
  const { domainName, mappingKey } = domain;
  // Early versions of the CDK have only domains that name themselves.
  const name = (domainName as Partial<apigateway.IDomainName>).name ?? domainName.domainNameRef.domainName;
  return `https://${name}${mappingKey === undefined || mappingKey === '' ? '' : `/${mappingKey}`}`;
}
