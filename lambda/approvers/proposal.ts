/** What several people are asked. */
export interface Proposal {
  readonly title: string;
  readonly text: string;
  readonly author: string;
  /** Mail addresses. */
  readonly approvers: readonly string[];
  /** How many of them have to approve. */
  readonly needed: number;
}
