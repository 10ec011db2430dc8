export type { EventMapping, IdMapping } from './event-mapping';
export { type BusEvent, EventStarter, type EventStarterProps } from './event-starter';
export { type QueueMessage, QueueStarter, type QueueStarterProps } from './queue-starter';
export { ScheduleStarter, type ScheduleStarterProps, type ScheduleTick } from './schedule-starter';
export type { StarterProps } from './starter-function';
export { type ObjectCreated, UploadStarter, type UploadStarterProps } from './upload-starter';
