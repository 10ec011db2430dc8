/** A value of a template after its CloudFormation functions are resolved: plain JSON. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** A resolved object. */
export type ValueObject = { readonly [key: string]: Value };

/** Where a stack is deployed: the values of the pseudo parameters. */
export interface Environment {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly urlSuffix: string;
}

/**
 * One resource of one stack.
 *
 * Its properties are resolved when read, each by itself, so a property that can't be resolved is refused only by whoever needs it.
 */
export interface Resource {
  readonly logicalId: string;
  /** The CloudFormation type, for example `AWS::Lambda::Function`. */
  readonly type: string;
  /** The construct path without the trailing `Resource`, for example `Shop/PriceOrder/StateMachine`; `Stack/LogicalId` where the template names none. */
  readonly path: string;
  readonly stack: Stack;
  /**
   * The resolved properties. Each is evaluated at its first read.
   * Reading one that can't be resolved throws a `DurableStepsError` naming resource and property; a property that is `AWS::NoValue` is absent.
   */
  readonly properties: ValueObject;
  /** What `Ref` gives: a name, an id or an ARN, by the resource's type. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives. Throws a `DurableStepsError` for an attribute the type doesn't have. */
  attribute(name: string): string;
  /** The template's own `Metadata`, unresolved. */
  readonly metadata: ValueObject;
}

/** A stack, nested stacks included. */
export interface Stack {
  /** The stack's CloudFormation name. */
  readonly name: string;
  /** The construct path of the stack, for example `Shop` or `Prod/Shop`. */
  readonly path: string;
  readonly environment: Environment;
  /** The resources whose condition holds, in the template's order. */
  readonly resources: readonly Resource[];
  /** The outputs that could be resolved, by logical id. */
  readonly outputs: Readonly<Record<string, Value>>;
}

/** A synthesized app on disk (`cdk.out`) as a plain model. */
export interface Assembly {
  readonly directory: string;
  readonly stacks: readonly Stack[];
  /** Every resource of every stack. */
  readonly resources: readonly Resource[];
  /** The resources of one CloudFormation type. */
  ofType(type: string): readonly Resource[];
  /** The resource that has this ARN, or undefined. */
  tryFindByArn(arn: string): Resource | undefined;
  /**
   * The file or directory behind an asset's bucket and key, as a Lambda function's `Code` names it.
   * Undefined when the assembly has no such asset.
   */
  tryAsset(stack: Stack, bucket: string, key: string): string | undefined;
}
