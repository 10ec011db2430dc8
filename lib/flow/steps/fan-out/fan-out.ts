import { DurableStepsError } from '../../../errors.js';
import { checkOptions } from '../../../options/check-options.js';
import { pipeFrom } from '../../compiler/pipe.js';
import type { AnyScopedStep, ScopedStep, ScopeMapping } from '../../compiler/scoped-step.js';
import { type ChoiceRule, Exit, type Fragment, type State } from '../../compiler/state.js';
import { type AnyStep, renderInput, type Site, type Step } from '../../compiler/step.js';
import { addThrow } from '../../compiler/throw.js';
import { makeExpression, makeReference } from '../../language/expression.js';
import type { Ref } from '../../language/reference.js';
import type { Template } from '../../language/template.js';
import { storedError } from '../../language/workflow-error.js';
import { readGrants, writeGrants } from './bucket.js';
import { checkFanOut, type FanOutPlan } from './fan-out-check.js';
import { compileItems } from './fan-out-items.js';
import {
  FAN_OUT,
  type FannedIn,
  type FanOut,
  type FanOutProps,
  type InputNeeded,
  type ItemList,
  type PlainFanOutProps,
  type ResultsTo,
  type ToleratedFailures,
} from './fan-out-options.js';
import { renderResults } from './fan-out-results.js';

/**
 * Fan-out/fan-in: does something with each item of a list, in parallel, and gathers the results in the order of the items. How many items there are is known only
 * when the workflow runs. As a state machine of its own, see `FanOutFanIn`.
 *
 * Builds a Map state; its input mapping stands in the Map's `ItemSelector`, so that the same options work inline and distributed. An aggregate step and a bound on
 * tolerated failures add a state each.
 *
 * @example
 * .step('renditions', fanOutFanIn({
 *   items: ({ profiles }) => profiles,
 *   each: transcode,
 *   input: (profile, { input }) => ({ location: input.location, profile }),
 *   maxConcurrency: 4,
 * }))
 * @throws DurableStepsError `InvalidOption` for what can't work, such as more than 40 items at once inline
 */
export function fanOutFanIn<
  S,
  Item,
  List extends ItemList,
  EachIn,
  EachOut,
  Tolerated extends ToleratedFailures | undefined = undefined,
  Stored extends ResultsTo<S> | undefined = undefined,
  Aggregate extends AnyStep | undefined = undefined,
>(
  options: FanOutProps<S, Item, List, EachIn, EachOut, Tolerated, Stored, Aggregate> & InputNeeded<Item, List, EachIn>,
): ScopedStep<S, FannedIn<EachOut, Tolerated, Stored, Aggregate>>;
export function fanOutFanIn<
  EachIn,
  EachOut,
  Tolerated extends ToleratedFailures | undefined = undefined,
  Stored extends ResultsTo<{ readonly input: Ref<readonly EachIn[]> }> | undefined = undefined,
  Aggregate extends AnyStep | undefined = undefined,
>(
  options: PlainFanOutProps<EachIn, EachOut, Tolerated, Stored, Aggregate>,
): Step<readonly EachIn[], FannedIn<EachOut, Tolerated, Stored, Aggregate>>;
export function fanOutFanIn(fanOut: FanOut): AnyScopedStep | AnyStep {
  if (fanOut?.items !== undefined) {
    return { stepName: 'FanOutFanIn', compileScoped: (site, map) => compileFanOut(site, map, fanOut) };
  }
  return {
    stepName: 'FanOutFanIn',
    compile: (site) => compileFanOut(site, (where) => refuseScope(site, where), fanOut),
  };
}

function refuseScope(site: Site, where: string): never {
  throw new DurableStepsError('InvalidOption', {
    where: `${site.scope.options.path}.${site.name}.${where}`,
    expected: 'no callback where the items are the last result',
    got: 'one',
    fix: 'give `items` too: `items: ({ list }) => list`',
  });
}

function compileFanOut(site: Site, map: ScopeMapping, fanOut: FanOut): Fragment {
  const { scope, compilation } = site;
  const name = scope.claim(site.name, site.context);
  checkOptions(`${scope.options.path}.${name}`, fanOut, FAN_OUT);
  const plan = checkFanOut(`${scope.options.path}.${name}`, fanOut);
  const source = renderSource(site, map, fanOut, plan);
  const selector = renderSelector(site, map, fanOut, plan, name);
  const items = compileItems(site, name, fanOut, plan);
  plan.checkItems(items);
  const results = renderResults(plan);
  const state: State = {
    Type: 'Map',
    ...source,
    ...(selector !== undefined && { ItemSelector: selector }),
    ...(plan.distributed && renderDistributed(site, map, fanOut)),
    ...(plan.maxConcurrency !== undefined && { MaxConcurrency: plan.maxConcurrency }),
    ItemProcessor: {
      ProcessorConfig: plan.distributed
        ? { Mode: 'DISTRIBUTED', ExecutionType: plan.express ? 'EXPRESS' : 'STANDARD' }
        : { Mode: 'INLINE' },
      ...items.states,
    },
    ...(results.output !== undefined && { Output: results.output }),
  };
  if (plan.distributed) {
    compilation.grant({ actions: ['states:StartExecution'], resources: ['self'] });
    compilation.grant({
      actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
      resources: ['self:executions', 'self:children'],
    });
  }
  scope.place(name, state);
  const done = [Exit.ofState(state, results.text)];
  const exits = plan.guarded ? rethrow(site, name, done) : checkThreshold(site, name, plan, done);
  if (fanOut.aggregate !== undefined) {
    return { start: name, exits: aggregate(site, name, fanOut.aggregate, exits) };
  }
  return { start: name, exits, isList: plan.tolerated === undefined && !plan.stored };
}

/** Where the items come from: `Items`, or an `ItemReader`. */
function renderSource(site: Site, map: ScopeMapping, { items }: FanOut, plan: FanOutPlan): Partial<State> {
  const { scope, compilation } = site;
  const at = (where: string) => `${site.name}.${where}`;
  if (items === undefined) return { Items: renderInput(site) };
  if (typeof items === 'function') {
    const list = map('items', items);
    plan.checkList(list);
    return { Items: scope.render(list, at('items')) };
  }
  const { format, bucket, key, headers, delimiter, maxItems } = items;
  const place = scope.render(typeof key === 'function' ? map('items.key', key) : key, at('items.key'));
  const part = format === 'objects' ? { prefix: place } : { key: place };
  for (const grant of readGrants(bucket, part)) compilation.grant(grant);
  const config = {
    ...(format !== 'objects' && { InputType: format.toUpperCase() }),
    ...(format === 'csv' && { CSVHeaderLocation: headers === undefined ? 'FIRST_ROW' : 'GIVEN' }),
    ...(headers !== undefined && { CSVHeaders: headers }),
    ...(delimiter !== undefined && { CSVDelimiter: delimiters[delimiter] }),
    ...(maxItems !== undefined && { MaxItems: maxItems }),
  };
  return {
    ItemReader: {
      Resource: compilation.integration(format === 'objects' ? 's3:listObjectsV2' : 's3:getObject'),
      ...(Object.keys(config).length > 0 && { ReaderConfig: config }),
      Arguments: { Bucket: bucket.bucketName, ...(format === 'objects' ? { Prefix: place } : { Key: place }) },
    },
  };
}

const delimiters = { ',': 'COMMA', ';': 'SEMICOLON', '|': 'PIPE', '\t': 'TAB', ' ': 'SPACE' } as const;

const itemValue = '$states.context.Map.Item.Value';
const itemIndex = '$states.context.Map.Item.Index';

/** What a run of `each` gets: the mapped item; in an execution of its own with a key and the index. */
function renderSelector(site: Site, map: ScopeMapping, fanOut: FanOut, plan: FanOutPlan, name: string): unknown {
  const { scope } = site;
  const { input } = fanOut;
  const item: Template = makeReference({ label: 'item', text: () => itemValue });
  const index = makeExpression<number>({ label: 'index', text: () => itemIndex }, []);
  const template = input === undefined ? item : map('input', (values) => input(item, values, index));
  const where = `${site.name}.input`;
  if (!plan.distributed) return input === undefined ? undefined : scope.render(template, where);
  return {
    key: `{% ${scope.runKey(name)} & "/" & ${itemIndex} %}`,
    index: `{% ${itemIndex} %}`,
    input: scope.render(template, where),
  };
}

function renderDistributed(site: Site, map: ScopeMapping, { batch, resultsTo, toleratedFailures }: FanOut) {
  const { scope, compilation } = site;
  const prefix =
    typeof resultsTo?.prefix === 'function' ? map('resultsTo.prefix', resultsTo.prefix) : resultsTo?.prefix;
  const folder = prefix === undefined ? undefined : scope.render(prefix, `${site.name}.resultsTo.prefix`);
  if (resultsTo !== undefined) for (const grant of writeGrants(resultsTo.bucket, folder)) compilation.grant(grant);
  return {
    ...(batch !== undefined && {
      ItemBatcher: {
        ...(batch.maxItems !== undefined && { MaxItemsPerBatch: batch.maxItems }),
        ...(batch.maxBytes !== undefined && { MaxInputBytesPerBatch: batch.maxBytes }),
      },
    }),
    // Where results are stored, children fail for themselves and Step Functions counts them: it stops as soon as there are too many.
    ...(resultsTo !== undefined && renderTolerance(toleratedFailures)),
    ...(resultsTo !== undefined && {
      ResultWriter: {
        Resource: compilation.integration('s3:putObject'),
        Arguments: { Bucket: resultsTo.bucket.bucketName, ...(folder !== undefined && { Prefix: folder }) },
      },
    }),
  };
}

function renderTolerance(tolerated: ToleratedFailures | undefined) {
  if (tolerated === undefined) return {};
  if (tolerated === 'all') return { ToleratedFailurePercentage: 100 };
  return 'count' in tolerated
    ? { ToleratedFailureCount: tolerated.count }
    : { ToleratedFailurePercentage: tolerated.percentage };
}

/** Throws the first error of the child executions, under its own name; else their results come out as one list. */
function rethrow({ scope, context }: Site, name: string, done: readonly Exit[]): readonly Exit[] {
  const rule: ChoiceRule = { Condition: '{% $exists($states.input.error) %}' };
  const state: State = { Type: 'Choice', Choices: [rule] };
  const choice = scope.add('Failed?', state, [...context, name]);
  rule.Next = addThrow(scope, `${name} failed`, storedError('($states.input.error)[0]'), context);
  for (const exit of done) exit.next(choice);
  const exit = Exit.ofDefault(state);
  exit.output('{% [$states.input.results] %}', '[$states.input.results]');
  return [exit];
}

/** Fails where more items failed than tolerated; where results are stored, Step Functions itself does. */
function checkThreshold(site: Site, name: string, plan: FanOutPlan, exits: readonly Exit[]): readonly Exit[] {
  const { tolerated } = plan;
  if (tolerated === undefined || tolerated === 'all' || plan.stored) return exits;
  const { scope, context } = site;
  const failed = '$count($states.input.failed)';
  const tooMany =
    'count' in tolerated
      ? `${failed} > ${tolerated.count}`
      : `${failed} * 100 > (${failed} + $count($states.input.succeeded)) * ${tolerated.percentage}`;
  const thrown = {
    at: name,
    literal: 'States.ExceedToleratedFailureThreshold',
    name: '"States.ExceedToleratedFailureThreshold"',
    cause: `${failed} & " of " & (${failed} + $count($states.input.succeeded)) & " items failed; the first: " & $states.input.failed[0].error.name`,
  };
  const rule = { Condition: `{% ${tooMany} %}`, Next: '' };
  const state: State = { Type: 'Choice', Choices: [rule] };
  const choice = scope.add('Too many failed?', state, [...context, name]);
  rule.Next = addThrow(scope, 'Too many failed', thrown, [...context, name]);
  for (const exit of exits) exit.next(choice);
  return [Exit.ofDefault(state)];
}

function aggregate(site: Site, name: string, step: AnyStep, exits: readonly Exit[]): readonly Exit[] {
  const input = pipeFrom(site.scope, 'results', exits);
  const fragment = step.compile({ ...site, name: step.stepName, context: [...site.context, name], input });
  for (const exit of exits) exit.next(fragment.start);
  return fragment.exits;
}
