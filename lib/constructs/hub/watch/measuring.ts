import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { HUB_ENVIRONMENT } from '../../../contract/hub-environment.js';

/** The functions that may see an instance end, and whether they measure it. */
export class Measuring {
  private readonly functions: lambda.Function[] = [];
  private on = false;

  add(fn: lambda.Function): void {
    this.functions.push(fn);
    if (this.on) measure(fn);
  }

  start(): void {
    this.on = true;
    this.functions.forEach(measure);
  }
}

function measure(fn: lambda.Function): void {
  fn.addEnvironment(HUB_ENVIRONMENT.metrics, 'true');
}
