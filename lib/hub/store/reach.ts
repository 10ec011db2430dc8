import type { Hub } from '../hub.js';

/** Whether the hub's user, an API or a client, may know of an instance. What is out of reach is answered like what doesn't exist. */
export function isWithinReach(
  { settings, caller }: Hub,
  { stateMachineArn, owner }: { readonly stateMachineArn: string; readonly owner?: string },
): boolean {
  if (settings.owner === 'subject' && (caller === undefined || owner !== caller)) return false;
  return settings.reach !== 'named' || Object.values(settings.orchestrations).includes(stateMachineArn);
}
