import { refuseDefinition } from '../../../lib/flow/check/definition-check.js';
import type { AnyStep, Step } from '../../../lib/flow/compiler/step.js';
import { expr, flow } from '../../../lib/flow/index.js';
import { activity, compile } from '../kit.js';

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };

function check(state: object): void {
  refuseDefinition('Orders', { QueryLanguage: 'JSONata', StartAt: 'Pay', States: { Pay: state } });
}

const output = (expression: string) => ({ Type: 'Pass', Output: { a: `{% ${expression} %}` }, End: true });

describe('a definition', () => {
  it('that AWS would refuse is refused, by its state and field', () => {
    expect(() => check({ ...TASK, TimeoutSeconds: 0 })).toThrow(
      '`Orders/States/Pay/TimeoutSeconds`: expected a state that Step Functions accepts, got SCHEMA_VALIDATION_FAILED: Minimum value is 1',
    );
    expect(() => check({ ...TASK, Next: 'Gone' })).toThrow(/`Orders\/States\/Pay`: .* \(and 1 more\)$/);
  });

  it.each([
    ['$states.input.a ?? 1', 'INVALID_JSONATA_EXPRESSION'],
    ['price * 2', 'UNSUPPORTED_JSONATA_EXPRESSION'],
    ['$eval("1")', "UNKNOWN_JSONATA_FUNCTION: There is no function '$eval'."],
    ['$states.input ~> $upper', "UNKNOWN_JSONATA_FUNCTION: There is no function '$upper'."],
    ['$upper("a")', "UNKNOWN_JSONATA_FUNCTION: There is no function '$upper'."],
    [Array(101).fill('1').join('+'), 'JSONATA_TOO_DEEP: Operations are nested 101 deep, 100 are evaluated.'],
  ])('is refused for an expression that only fails on AWS: %s', (expression, problem) => {
    expect(() => check(output(expression))).toThrow(expect.objectContaining({ code: 'RefusedDefinition' }));
    expect(() => check(output(expression))).toThrow(`\`Orders/States/Pay/Output/a\`: expected`);
    expect(() => check(output(expression))).toThrow(problem);
  });

  it('may call what it defines, what JSONata has and what Step Functions adds', () => {
    check(output('($twice := function($x){ $x * 2 }; $map([1, 2], $twice) ~> $sum ~> $string)'));
    check(output('$map([1], function($f){ $f(1) })'));
    check(output('$partition($range(1, 9, 1), 2) ~> $count'));
    check(output('$parse($hash($uuid(), "SHA-1"))'));
    check(output(Array(100).fill('1').join('+')));
  });

  it('may hold values that are known when it is deployed', () => {
    const token = '${Token[TOKEN.123]}';
    const lazy = { creationStack: [], resolve: () => 5, toJSON: () => '<unresolved>' };
    check({ ...TASK, Resource: token });
    check({ ...TASK, Resource: '${Token[Fn.ImportValue.7]}:live' });
    check({ ...TASK, Resource: 'arn:${Token[AWS.Partition.3]}:states:::lambda:invoke' });
    check({ ...TASK, TimeoutSeconds: -1.8881545897087626e289, HeartbeatSeconds: -1.8881545897087743e289 });
    check({ ...TASK, TimeoutSeconds: lazy, Arguments: { FunctionName: lazy } });
    check(output(`$states.input.region = "${token}" or $states.input.count > ${token}`));
    const named = { [`Wait for ${token}`]: { Type: 'Succeed' } };
    refuseDefinition('Orders', { QueryLanguage: 'JSONata', StartAt: `Wait for ${token}`, States: named });
  });
});

test('a flow with an expression of JSONata 2.1 is refused when it is compiled', () => {
  const priced = flow<{ price?: number }>().step(
    'pay',
    activity<number, number>('Pay'),
    ({ input }) => expr<number>`${input.price} ?? 1`,
  );
  expect(() => compile(priced)).toThrow(/`Test\/States\/pay\/Arguments\/Payload.*`: .*INVALID_JSONATA_EXPRESSION/);
});

describe('a flow that is nested too deeply', () => {
  const refusal = '`Test`: expected lists and objects that lie in each other at most 1000 deep, got TOO_DEEPLY_NESTED';

  it('is refused in words: 500 parallels in each other', () => {
    const leaf: AnyStep = activity<unknown, unknown>('Pay');
    const wrap = (inner: AnyStep, depth: number): AnyStep =>
      depth === 0
        ? inner
        : wrap(flow<unknown>().parallel(`p${depth}`, { a: inner as Step<unknown, unknown> }), depth - 1);
    expect(() => compile(wrap(leaf, 500))).toThrow(refusal);
    compile(wrap(leaf, 20));
  });

  it.each([1_001, 5_000, 50_000])('is refused in words: states of %d lists', (depth) => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level++) value = [value];
    expect(() => check({ Type: 'Pass', Output: value, End: true })).toThrow(/^`Orders`: .* got TOO_DEEPLY_NESTED/);
  });

  it('is not looked for in what is known when it is deployed', () => {
    const lazy: Record<string, unknown> = { creationStack: [], resolve: () => 5, toJSON: () => '<unresolved>' };
    lazy['self'] = lazy;
    check(output(`$states.input.a`));
    check({ ...TASK, TimeoutSeconds: lazy });
  });
});
