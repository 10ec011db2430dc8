import type { Hub } from '../hub.js';

/** Whether the hub's user, an API or a client, may know of an instance. What is out of reach is answered like what doesn't exist. */
export function isWithinReach({ settings }: Hub, instance: { readonly stateMachineArn: string }): boolean {
  return settings.reach !== 'named' || Object.values(settings.orchestrations).includes(instance.stateMachineArn);
}
