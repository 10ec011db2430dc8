import type { StudioApp } from '../../contract/studio.js';
import type { RunningOrchestration } from '../cloud/orchestrations.js';
import type { Cloud } from '../cloud/service.js';
import type { LocalFunctions } from '../functions/local-functions.js';

/** What Studio asks of the cloud beyond {@link Cloud}. */
export interface StudioCloud extends Cloud {
  readonly functions: LocalFunctions;
  /** How the app stands. */
  readonly version: StudioApp;
  readonly orchestrations: readonly RunningOrchestration[];
  listen(): { readonly endpoint: string; readonly apis: Readonly<Record<string, string>> };
}
