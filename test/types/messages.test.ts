import ts from 'typescript';
import { snippetProgram } from './snippet-program.js';

/** What the compiler says about a mistake, innermost explanation last. */
function messagesOf(snippets: Readonly<Record<string, string>>): Record<string, string> {
  const whole = Object.entries(snippets).map(([name, code]) => [name, preamble + code]);
  const { program, fileOf } = snippetProgram(Object.fromEntries(whole));
  return Object.fromEntries(
    Object.keys(snippets).map((name) => {
      const messages = program
        .getSemanticDiagnostics(fileOf(name))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
      return [name, messages.join('\n')];
    }),
  );
}

const preamble = `
import { flow, type FittingSteps, type Step } from '../../lib/flow/index.js';
declare const upper: Step<{ name: string }, { upper: string; length: number }>;
declare const greet: Step<{ text: string }, { greeting: string }>;
import { Activity } from '../../lib/constructs/activity.js';
declare const stack: import('constructs').Construct;
declare function chain<const Steps extends readonly Step<never, unknown>[]>(steps: Steps & FittingSteps<Steps>): void;
`;

test('a person can read what the compiler says', () => {
  const messages = messagesOf({
    wrongField: `flow<{ name: string }>().step('up', upper).step('greet', greet, ({ up }) => ({ text: up.length }));`,
    missingMapping: `flow<{ name: string }>().step('up', upper).step('greet', greet);`,
    unknownStep: `flow<{ name: string }>().step('up', upper).step('greet', greet, ({ nope }) => ({ text: nope }));`,
    duplicateStep: `flow<{ name: string }>().step('up', upper).step('up', upper, () => ({ name: 'x' }));`,
    date: `new Activity<(event: { readonly orders: readonly { readonly at: Date }[] }) => Promise<string>>(stack, 'A', { entry: 'x.ts' });`,
    map: `new Activity<() => Promise<{ readonly prices: Map<string, number> }>>(stack, 'A', { entry: 'x.ts' });`,
    listMisfit: `chain([upper, greet]);`,
  });
  expect(messages['wrongField']).toContain("Type 'Expr<number>' is not assignable to type 'string | Expr<string>'");
  expect(messages['missingMapping']).toContain('MissingMapping<{ upper: string; length: number; }, { text: string; }>');
  expect(messages['unknownStep']).toContain("Property 'nope' does not exist on type 'FlowScope<{ name: string; }, Named<\"up\", { upper: string; length: number; }>>'");
  expect(messages['duplicateStep']).toContain(`Argument of type '"up"' is not assignable to parameter of type '"a step named 'up' already exists"'`);
  expect(messages['date']).toContain('`input.orders[].at` is a Date, which arrives as a text: use a string, made by toISOString()');
  expect(messages['map']).toContain('`result.prices` is a Map, which arrives as {}: use a record, made by Object.fromEntries()');
  expect(messages['listMisfit']).toContain('StepMismatch<{ upper: string; length: number; }, { text: string; }>');
});
