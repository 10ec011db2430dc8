import type { ManagementUrls } from '../../contract/hub-http.js';
import { instanceKey } from '../../contract/instance-id.js';

/** Where to follow and steer an instance. The links carry its key, which is the id itself unless that is awkward in a URL. */
export function managementUrls(baseUrl: string, instanceId: string): ManagementUrls {
  const instance = `${baseUrl}/instances/${encodeURIComponent(instanceKey(instanceId))}`;
  return {
    id: instanceId,
    statusQueryGetUri: instance,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}`,
    terminatePostUri: `${instance}/terminate?reason={text}`,
    rewindPostUri: `${instance}/rewind?reason={text}`,
    restartPostUri: `${instance}/restart`,
    purgeHistoryDeleteUri: instance,
  };
}
