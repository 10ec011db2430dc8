/** Step Functions' limit: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const MAX_MACHINE_NAME = 80;

/**
 * The name of a hub's state machine: `<prefix of the hub>-<orchestration>-<digest>`, the orchestration's name cut where all of it would be too long.
 *
 * @param prefix `ds` and eight hex digits
 * @param digest eight hex digits, of where the machine stands
 */
export function renderMachineName(prefix: string, orchestration: string, digest: string): string {
  const most = MAX_MACHINE_NAME - prefix.length - digest.length - 2;
  return `${prefix}-${orchestration.slice(0, most).replace(/-$/, '')}-${digest}`;
}

/** The orchestration's name in a name of {@link renderMachineName}; any other name stands for itself. */
export function orchestrationOfMachine(machineName: string): string {
  return /^ds[0-9a-f]{8}-(.+)-[0-9a-f]{8}$/.exec(machineName)?.[1] ?? machineName;
}
