import { readFileSync } from 'node:fs';
import { DurableStepsError } from '../errors.js';
import type { Value, ValueObject } from './model.js';

/** A resource as the template writes it. */
export interface RawResource {
  readonly Type: string;
  readonly Properties?: ValueObject;
  readonly Condition?: string;
  readonly Metadata?: ValueObject;
}

/** A parameter as the template writes it. */
export interface RawParameter {
  readonly Type: string;
  readonly Default?: Value;
}

/** An output as the template writes it. */
export interface RawOutput {
  readonly Value?: Value;
  readonly Condition?: string;
  readonly Export?: { readonly Name: Value };
}

/** A CloudFormation template, JSON parsed and nothing resolved. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, RawResource>>;
  readonly Parameters: Readonly<Record<string, RawParameter>>;
  readonly Conditions: Readonly<Record<string, Value>>;
  readonly Mappings: Readonly<Record<string, Value>>;
  readonly Outputs: Readonly<Record<string, RawOutput>>;
}

/** Reads a JSON file of an assembly, or refuses it by name: every one holds an object. */
export function readJsonObject(file: string, what: string): ValueObject {
  const value = readJson(file, what);
  if (isObject(value)) return value;
  throw new DurableStepsError('UnreadableAssembly', {
    where: file,
    expected: `${what}, a JSON object`,
    got: `\`${JSON.stringify(value).slice(0, 100)}\``,
    fix: 'synthesize the app again',
  });
}

/** The same for a manifest, which says the version that it is written in. */
export function readManifestFile(file: string, what: string): ValueObject {
  const manifest = readJsonObject(file, what);
  const { version } = manifest;
  if (typeof version === 'string' && /^\d+\.\d+\.\d+$/.test(version)) return manifest;
  throw new DurableStepsError('UnreadableAssembly', {
    where: `${file}: version`,
    expected: `${what} with the version that the CDK writes into it, for example "36.0.0"`,
    got: version === undefined ? 'none' : `\`${JSON.stringify(version)}\``,
    fix: 'synthesize the app again, with aws-cdk-lib 2',
  });
}

function readJson(file: string, what: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DurableStepsError('UnreadableAssembly', {
      where: file,
      expected: what,
      got: `a file that can't be read (${error instanceof Error ? error.message : String(error)})`,
      fix: 'synthesize the app again',
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DurableStepsError('UnreadableAssembly', {
      where: file,
      expected: `${what} in JSON`,
      got: `text that isn't JSON (${error instanceof Error ? error.message : String(error)})`,
      fix: 'synthesize the app again',
    });
  }
}

/** Whether a value is an object that is neither a list nor null. */
export function isObject(value: unknown): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a template and refuses what would change its meaning unseen. */
export function readTemplate(file: string): CloudFormationTemplate {
  const raw = readJsonObject(file, 'a CloudFormation template');
  if (raw['Transform'] !== undefined) {
    throw new DurableStepsError('UnsupportedTemplate', {
      where: file,
      expected: 'a template without `Transform`',
      got: `\`${JSON.stringify(raw['Transform'])}\``,
      fix: 'macros run on AWS only; use plain resources for what should run locally',
    });
  }
  // The JSON boundary: CDK wrote this file; each member is checked where it is used.
  const sections = raw as unknown as Partial<CloudFormationTemplate>;
  return {
    Resources: sections.Resources ?? {},
    Parameters: sections.Parameters ?? {},
    Conditions: sections.Conditions ?? {},
    Mappings: sections.Mappings ?? {},
    Outputs: sections.Outputs ?? {},
  };
}
