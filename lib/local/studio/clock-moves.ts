import type { JsonObject } from '../../asl/language/json.js';
import { type Clock, VirtualClock } from '../../clock.js';
import type { StudioClock } from '../../contract/studio.js';
import { ServiceError } from '../cloud/service.js';

/** As far as time is moved at once: executions end after a year. */
const MOST_MS = 366 * 86_400_000;

/** How the clock of the cloud stands. */
export function describeClock(clock: Clock): StudioClock {
  if (!(clock instanceof VirtualClock)) return { now: clock.now(), mode: 'real', holds: [] };
  const next = clock.nextDue;
  return { now: clock.now(), mode: 'virtual', holds: clock.holds, ...(next === undefined ? {} : { next }) };
}

/** Moves virtual time, through whatever it waits for; answers when all that was due on the way has happened. */
export async function moveClock(clock: Clock, { advance, toNext }: JsonObject): Promise<StudioClock> {
  if (!(clock instanceof VirtualClock)) {
    throw refuse('Real time can’t be moved: start the local cloud with `--virtual`.');
  }
  const due = toNext === true ? (clock.nextDue ?? clock.now()) : clock.now() + checkAdvance(advance);
  await clock.advanceTo(due);
  return describeClock(clock);
}

function checkAdvance(advance: unknown): number {
  if (typeof advance === 'number' && Number.isInteger(advance) && advance > 0 && advance <= MOST_MS) return advance;
  throw refuse(`\`advance\`: expected whole milliseconds from 1 to ${MOST_MS}, got \`${JSON.stringify(advance)}\`.`);
}

function refuse(message: string): ServiceError {
  return new ServiceError('Refused', message, 409);
}
