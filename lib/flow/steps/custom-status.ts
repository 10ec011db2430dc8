import {
  CUSTOM_STATUS_ATTRIBUTE,
  CUSTOM_STATUS_CONDITIONS,
  LAST_UPDATED_ATTRIBUTE,
} from '../../contract/hub-records.js';
import type { Scope } from '../compiler/scope.js';
import type { FlowNode, Sequence } from '../compiler/sequence.js';
import { Exit, type State } from '../compiler/state.js';
import type { AnyMapping } from '../language/expression.js';
import { patientRetrier } from '../language/retry.js';
import { renderLiteral, type Template } from '../language/template.js';

/** JSONata for the key under which the hub knows the running instance: the name of the execution that it began with, also in a child of a distributed Map, without its generation. */
function instanceKey(scope: Scope, state: string): string {
  return `$substringBefore(${scope.runAddress(state).execution}, '..')`;
}

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
    Arguments: {},
    TimeoutSeconds: 60,
    Retry: [patientRetrier(['States.ALL'], 4)],
    // The status is for onlookers: a workflow doesn't fail because it can't be shown.
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}' }],
    Output: '{% $states.input %}',
  };
  compilation.grant({
    actions: ['dynamodb:UpdateItem'],
    resources: [table.arn],
    conditions: CUSTOM_STATUS_CONDITIONS,
  });
  const exits = [Exit.ofState(state, '$states.input'), Exit.ofCatcher(state, state.Catch![0]!, '$states.input')];
  sequence.addFragment(() => {
    const start = scope.add(title === undefined ? 'Set status' : `Set status: ${title}`, state, context);
    state['Arguments'] = {
      TableName: table.name,
      Key: { pk: { S: `{% 'instance#' & ${instanceKey(scope, start)} %}` }, sk: { S: 'record' } },
      UpdateExpression: `SET ${CUSTOM_STATUS_ATTRIBUTE} = :status, ${LAST_UPDATED_ATTRIBUTE} = :time`,
      ExpressionAttributeValues: {
        ':status': { S: title === undefined ? renderJsonText(text) : JSON.stringify(title) },
        ':time': { S: '{% $states.context.State.EnteredTime %}' },
      },
    };
    return { start, exits };
  });
}

/** JSONata for a value's JSON text: `$string` leaves a string as it is. */
function renderJsonText(value: string): string {
  const quoted = '$substring($string([$status]), 1, $length($string([$status])) - 2)';
  return `{% ($status := ${value}; $type($status) = 'string' ? ${quoted} : $exists($status) ? $string($status) : 'null') %}`;
}
