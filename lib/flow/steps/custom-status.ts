import type { FlowNode, Sequence } from '../compiler/sequence.js';
import { Exit, type State } from '../compiler/state.js';
import type { AnyMapping } from '../language/expression.js';
import { renderLiteral, type Template } from '../language/template.js';

/** JSONata for the key under which the hub knows the running instance: the execution's name without its generation. */
const instanceKey = "$substringBefore($states.context.Execution.Name, '..')";

/** The part of a flow that writes the custom status: an UpdateItem on the hub's record, without a Lambda function. */
export function customStatusNode(status: Template | AnyMapping): FlowNode {
  return {
    kind: 'customStatus',
    compile: (sequence) => {
      const template = typeof status === 'function' ? sequence.map('customStatus', status as AnyMapping) : status;
      // Rendered first, so that a wrong status is refused also where no hub would show it.
      const text = renderLiteral(template, sequence.scope.position(), `${sequence.path}.customStatus`);
      const table = sequence.site.compilation.surroundings.hubTable;
      if (table !== undefined) appendUpdate(sequence, text, table, typeof template === 'string' ? template : undefined);
    },
  };
}

function appendUpdate(
  sequence: Sequence,
  text: string,
  table: { readonly name: string; readonly arn: string },
  title: string | undefined,
): void {
  const { compilation, scope, context } = sequence.site;
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration('dynamodb:updateItem'),
    Arguments: {
      TableName: table.name,
      Key: { pk: { S: `{% 'instance#' & ${instanceKey} %}` }, sk: { S: 'record' } },
      UpdateExpression: 'SET customStatus = :status',
      ExpressionAttributeValues: {
        ':status': { S: title === undefined ? renderJsonText(text) : JSON.stringify(title) },
      },
    },
    TimeoutSeconds: 60,
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 4, BackoffRate: 2 }],
    // The status is for onlookers: a workflow doesn't fail because it can't be shown.
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}' }],
    Output: '{% $states.input %}',
  };
  compilation.grant({ actions: ['dynamodb:UpdateItem'], resources: [table.arn] });
  const exits = [Exit.ofState(state, '$states.input'), Exit.ofCatcher(state, state.Catch![0]!, '$states.input')];
  const name = title === undefined ? 'Set status' : `Set status: ${title}`;
  sequence.addFragment(() => ({ start: scope.add(name, state, context), exits }));
}

/** JSONata for a value's JSON text: `$string` leaves a string as it is. */
function renderJsonText(value: string): string {
  const quoted = '$substring($string([$status]), 1, $length($string([$status])) - 2)';
  return `{% ($status := ${value}; $type($status) = 'string' ? ${quoted} : $string($status)) %}`;
}
