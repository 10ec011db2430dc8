import type { Assembly, Resource } from '../assembly/model.js';
import { DurableStepsError } from '../errors.js';

/** A construct of the CDK, by which something of the app is called. */
export interface NamedConstruct {
  readonly node: { readonly path: string };
}

/** The URL of an HTTP API of the app; without a name, of the only one. */
export function findApiUrl(assembly: Assembly, api: NamedConstruct | string | undefined): string {
  return findResource(assembly, 'AWS::ApiGatewayV2::Api', 'HTTP API', api).attribute('ApiEndpoint');
}

/** The name of a bucket of the app. */
export function findBucketName(assembly: Assembly, bucket: NamedConstruct | string): string {
  return findResource(assembly, 'AWS::S3::Bucket', 'bucket', bucket).ref;
}

/** Finds a resource by its construct, a construct around it, an id, a path or its end, or its name on AWS. */
function findResource(
  assembly: Assembly,
  type: string,
  what: string,
  wanted: NamedConstruct | string | undefined,
): Resource {
  const name = typeof wanted === 'object' ? wanted.node.path : wanted;
  const all = assembly.ofType(type);
  const exact = all.filter(({ path, properties, ref }) => name === path || name === ref || name === properties['Name']);
  const found =
    exact.length > 0 ? exact : all.filter(({ path }) => name === undefined || `/${path}/`.includes(`/${name}/`));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw new DurableStepsError(only === undefined ? 'UnknownResource' : 'AmbiguousResource', {
    where: name ?? what,
    expected: `the id or path of one ${what} of this app`,
    got: only === undefined ? 'an unknown name' : `what ${found.length} are called`,
    fix: `there are: ${all.map(({ path }) => path).join(', ') || 'none'}`,
  });
}
