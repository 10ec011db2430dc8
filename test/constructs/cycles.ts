import type { Template } from 'aws-cdk-lib/assertions';

/** Follows every reference of every resource; throws where they come back to where they began, as CloudFormation would. */
export function expectNoCycle(template: Template): void {
  const { Resources } = template.toJSON() as { Resources: Record<string, unknown> };
  const referencesOf = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      if (key === 'Ref' && typeof inner === 'string') return [inner];
      if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [String(inner[0])];
      if (key === 'DependsOn') return [inner].flat().map(String);
      return referencesOf(inner);
    });
  };
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) throw new Error(`cycle: ${[...path.slice(path.indexOf(id)), id].join(' → ')}`);
    if (done.has(id) || Resources[id] === undefined) return;
    for (const next of referencesOf(Resources[id])) visit(next, [...path, id]);
    done.add(id);
  };
  for (const id of Object.keys(Resources)) visit(id, []);
}
