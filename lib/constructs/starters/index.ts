export type { EventMapping, IdMapping } from './event-mapping.js';
export { type BusEvent, EventStarter, type EventStarterProps } from './event-starter.js';
export { type QueueMessage, QueueStarter, type QueueStarterProps } from './queue-starter.js';
export { ScheduleStarter, type ScheduleStarterProps, type ScheduleTick } from './schedule-starter.js';
export type { StarterProps } from './starter-function.js';
export { type ObjectCreated, UploadStarter, type UploadStarterProps } from './upload-starter.js';
