import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a file beside a Lambda function's code: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function readBeside(name: string): string {
  return readFileSync(join(process.env['LAMBDA_TASK_ROOT'] ?? '.', name), 'utf8');
}
