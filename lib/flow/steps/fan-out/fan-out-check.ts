import { DurableStepsError } from '../../../errors.js';
import { countEvents, longestHistory } from '../../compiler/event-count.js';
import type { States } from '../../compiler/machine.js';
import { tryExpression } from '../../language/expression.js';
import type { Template } from '../../language/template.js';
import type { FanOut, ToleratedFailures } from './fan-out-options.js';

/** The inside of a fan-out's Map state. */
export interface ItemPlan {
  readonly states: States;
  /** The states that one item runs through. */
  readonly perItem: States;
}

/** How a fan-out is built, once its options are known to fit together. */
export interface FanOutPlan {
  readonly distributed: boolean;
  readonly batched: boolean;
  readonly stored: boolean;
  readonly express: boolean;
  readonly tolerated: ToleratedFailures | undefined;
  /** Child executions hand their errors over, so that the first one is thrown under its own name; where results are stored, Step Functions tells them apart. */
  readonly guarded: boolean;
  readonly maxConcurrency: number | undefined;
  /** Looks at a list that is known at synthesis. */
  checkList(list: Template): void;
  /** Looks at what is done with each item. */
  checkItems(items: ItemPlan): void;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const mostInline = 40;
const mostDistributed = 10_000;
const largestPayload = 262_144;

/** What distributed fan-outs run at once unless told otherwise: a tenth of the Lambda concurrency that an account has at first. */
const defaultDistributed = 100;

/** Checks the options of a fan-out. */
export function checkFanOut(where: string, fanOut: FanOut): FanOutPlan {
  const distributed = checkMode(where, fanOut);
  checkConcurrency(`${where}.maxConcurrency`, fanOut.maxConcurrency, distributed);
  checkBatch(`${where}.batch`, fanOut);
  let listLength: number | undefined;
  return {
    distributed,
    batched: fanOut.batch !== undefined,
    stored: fanOut.resultsTo !== undefined,
    express: fanOut.children === 'express',
    tolerated: fanOut.toleratedFailures,
    guarded: distributed && fanOut.toleratedFailures === undefined && fanOut.resultsTo === undefined,
    maxConcurrency: fanOut.maxConcurrency ?? (distributed ? defaultDistributed : undefined),
    checkList: (list) => {
      listLength = checkList(`${where}.items`, list);
    },
    checkItems: ({ states, perItem }) => {
      if (!distributed && listLength !== undefined) checkHistory(`${where}.items`, listLength, perItem);
      if (fanOut.children === 'express') checkExpress(`${where}.children`, states);
    },
  };
}

function refuse(where: string, expected: string, got: string, fix?: string): never {
  throw new DurableStepsError('InvalidOption', { where, expected, got, ...(fix !== undefined && { fix }) });
}

function checkMode(where: string, { mode, batch, resultsTo, items, children }: FanOut): boolean {
  const reasons = {
    batch: batch !== undefined,
    resultsTo: resultsTo !== undefined,
    items: typeof items === 'object',
    children: children !== undefined,
  };
  const reason = Object.entries(reasons).find(([, given]) => given)?.[0];
  if (mode === 'inline' && reason !== undefined) {
    refuse(
      `${where}.${reason}`,
      'it to be absent in inline mode',
      'a value',
      "leave out `mode`, or set it to 'distributed'",
    );
  }
  return mode === 'distributed' || reason !== undefined;
}

function checkConcurrency(where: string, value: number | undefined, distributed: boolean): void {
  if (value === undefined) return;
  const most = distributed ? mostDistributed : mostInline;
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const wanted = `a whole number from 1 to ${most}${distributed ? '' : ', which is what Step Functions runs at once inline'}`;
  refuse(where, wanted, `\`${value}\``, distributed ? undefined : "set `mode: 'distributed'` for more at once");
}

function checkBatch(where: string, { batch }: FanOut): void {
  if (batch !== undefined && batch.maxItems === undefined && batch.maxBytes === undefined)
    refuse(where, '`maxItems` or `maxBytes`', 'neither');
}

/** The length of a list that is written out in the definition. */
function checkList(where: string, list: Template): number | undefined {
  if (tryExpression(list) !== undefined || !Array.isArray(list)) return undefined;
  const bytes = sizeOf(list);
  if (bytes > largestPayload) {
    refuse(
      where,
      `at most ${largestPayload} bytes of JSON, the most that a state takes`,
      `${bytes} bytes`,
      'put them into Amazon S3',
    );
  }
  return list.length;
}

function sizeOf(value: Template): number {
  if (tryExpression(value) !== undefined) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + sizeOf(element) + 1, 1);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).reduce((sum, [key, member]) => sum + Buffer.byteLength(key) + 4 + sizeOf(member), 1);
  }
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function checkHistory(where: string, length: number, perItem: States): void {
  const each = countEvents(perItem) + 2;
  if (length * each <= longestHistory) return;
  refuse(
    where,
    `at most ${Math.floor(longestHistory / each)} items inline: an item makes about ${each} of the ${longestHistory} events that an execution may have`,
    `${length} items`,
    "set `mode: 'distributed'`",
  );
}

/** Express executions can't wait for anything that Step Functions itself waits for. */
function checkExpress(where: string, { States }: States): void {
  for (const [name, state] of Object.entries(States)) {
    const resource = typeof state['Resource'] === 'string' ? state['Resource'] : '';
    if (/\.(sync|sync:2|waitForTaskToken)$/.test(resource)) {
      refuse(
        where,
        "'standard' for items that wait for a callback or a sub-orchestration",
        `'express', and \`${name}\` waits`,
      );
    }
    const inner = state['ItemProcessor'] as
      | (States & { readonly ProcessorConfig?: { readonly Mode?: string } })
      | undefined;
    if (inner?.ProcessorConfig?.Mode === 'DISTRIBUTED') {
      refuse(where, "'standard' for items that fan out distributed", `'express', and \`${name}\` does`);
    }
    for (const part of [inner, ...((state['Branches'] as States[] | undefined) ?? [])]) {
      if (part !== undefined) checkExpress(where, part);
    }
  }
}
