import type { ServiceFactory } from './service';

/** Every service of the local cloud, one line each. */
export const SERVICES: readonly ServiceFactory[] = [];
