import { type Caller, type Cloud, type Invocation, ServiceError } from '../cloud/service.js';
import type { FunctionConfig } from './function-config.js';

/** What becomes of an asynchronous event after its last attempt: it goes to the function's dead-letter queue or topic, else it is lost with a warning. */
export async function deadLetter(
  cloud: Cloud,
  config: FunctionConfig,
  payload: string,
  invocation: Invocation,
): Promise<void> {
  const target = config.deadLetterArn;
  cloud.warn(
    `${config.path}: an asynchronous event failed for good (${invocation.payload.slice(0, 200)})${target === undefined ? ' and is dropped' : ''}`,
  );
  if (target === undefined) return;
  const caller: Caller = {
    kind: 'function',
    name: config.path,
    ...(config.roleArn === undefined ? {} : { roleArn: config.roleArn }),
  };
  const [, , service = '', , account = '', name = ''] = target.split(':');
  const api = cloud.tryService(service)?.api;
  if (api === undefined) throw new ServiceError('InvalidParameterValueException', `No service delivers to ${target}`);
  if (service === 'sqs') {
    await api.call('sendMessage', { QueueUrl: `${cloud.endpoint}/${account}/${name}`, MessageBody: payload }, caller);
  } else {
    await api.call('publish', { TopicArn: target, Message: payload }, caller);
  }
}
