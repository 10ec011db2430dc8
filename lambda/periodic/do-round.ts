/** One round of the periodic task. */
export interface Round {
  /** How many rounds were done before this one. */
  readonly timesRun: number;
}

/** Does what is to be done every 30 seconds: here it only says so. */
export const handler = async ({ timesRun }: Round): Promise<Round> => {
  console.log(`periodic task: round ${timesRun + 1}`);
  return { timesRun: timesRun + 1 };
};
