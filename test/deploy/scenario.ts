import type { Json } from '../../lib/asl/language/json.js';
import type { Cloud } from './cloud.js';

/**
 * What is done to the deployed app, once on the emulator and once on the local cloud. The two answers must be equal, and equal to `expected` where it is given.
 *
 * A scenario takes real time, so its input is chosen to end within seconds. It leaves out of its answer what differs by nature (ids, times, ARNs).
 */
export interface Scenario {
  /** A fact: `greets three cities`. */
  readonly fact: string;
  /** The construct paths of the orchestrations that it runs. A test fails when an orchestration of the app is in no scenario. */
  readonly orchestrations: readonly string[];
  run(cloud: Cloud): Promise<Json>;
  readonly expected?: Json;
  /**
   * Where the emulator is wrong about AWS, so that only the local cloud's answer is compared with `expected`: what it does instead, in a sentence that can be checked.
   * The scenario runs on the emulator all the same, and fails when the emulator has become right.
   */
  readonly emulatorDeviates?: string;
}
