import type { Resource } from '../../assembly/model.js';
import type { AppUpdate } from '../../local/cloud/app-update.js';
import type { LocalCloud } from '../../local/cloud/local-cloud.js';
import { readOrchestration } from '../../local/cloud/orchestrations.js';
import { paint, renderDuration } from '../../local/timeline/terminal-text.js';
import { type AppSource, synthesize } from '../app-source.js';
import { functionName } from '../function-name.js';
import type { Terminal } from '../terminal.js';
import { AppWatch } from './app-watch.js';

/** How {@link watchApp} tells. */
interface WatchOptions {
  /** Hears what a synthesis prints. */
  readonly news: Pick<Terminal, 'err'>;
  /** Whether a person reads along. */
  readonly human: boolean;
}

/** Watches an app for `durable-steps dev`: what is brought in is told in a line (for people only), what can't be on standard error and in Studio. */
export function watchApp(
  cloud: LocalCloud,
  source: AppSource,
  terminal: Terminal,
  { news, human }: WatchOptions,
): AppWatch {
  const say = (text: string): void => {
    if (human) terminal.out(`${paint(terminal, 'cyan', '↻')} ${text}`);
  };
  const swapped = new Set<string>();
  return new AppWatch(cloud, source, (options) => synthesize(source, news, options), {
    onFunctions: (paths, milliseconds) => {
      for (const path of paths) swapped.add(path);
      say(`functions ${paths.map(functionName).join(', ')}, after ${renderDuration(milliseconds)}`);
    },
    onUpdate: (update, { milliseconds, isRepaired }) => {
      const changes = renderUpdate({
        ...update,
        changed: update.changed.filter(({ after }) => !swapped.has(after.path)),
      });
      swapped.clear();
      if (changes !== '') say(`${changes}, after ${renderDuration(milliseconds)}`);
      else if (isRepaired) say('the app runs as it is written again');
    },
    onFailure: (message) => {
      swapped.clear();
      cloud.showFailure(message);
      terminal.err(`${message}\nThe app runs on as it was.`);
    },
    onTrouble: (message) =>
      terminal.err(`Changes of the app are not seen any more: ${message}. Start again to bring them in.`),
  });
}

/** What an update brought, as people name it; what only belongs to it, such as roles, is not told. */
function renderUpdate({ added, changed, removed }: AppUpdate): string {
  const pairs: readonly (readonly [Resource, string])[] = [
    ...changed.map(({ after }) => [after, ''] as const),
    ...added.map((resource) => [resource, ' (new)'] as const),
    ...removed.map((resource) => [resource, ' (gone)'] as const),
  ];
  const named = (type: string, nameOf: (resource: Resource) => string): string =>
    pairs
      .filter(([resource]) => resource.type === type)
      .map(([resource, mark]) => `${nameOf(resource)}${mark}`)
      .join(', ');
  const orchestrations = named('AWS::StepFunctions::StateMachine', (resource) => readOrchestration(resource).id);
  const functions = named('AWS::Lambda::Function', ({ path }) => functionName(path));
  const others = pairs.filter(
    ([{ type }]) => !/^AWS::(StepFunctions::StateMachine|Lambda::Function|IAM::.*)$/.test(type),
  );
  return [
    ...(orchestrations === '' ? [] : [`orchestrations ${orchestrations}`]),
    ...(functions === '' ? [] : [`functions ${functions}`]),
    ...(others.length === 0 ? [] : [`${others.length} other ${others.length === 1 ? 'resource' : 'resources'}`]),
  ].join('; ');
}
