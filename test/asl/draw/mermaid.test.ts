import { renderMermaid } from '../../../lib/asl/draw/mermaid.js';

test('states, branches, conditions and caught errors', () => {
  const definition = {
    StartAt: 'Price',
    States: {
      Price: {
        Type: 'Task',
        Resource: 'x',
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Clean up' }],
        Next: 'Large?',
      },
      'Large?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $price.total > 1000 %}', Next: 'Each' }],
        Default: 'Wait',
      },
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Copy', States: { Copy: { Type: 'Task', Resource: 'y', End: true } } },
        End: true,
      },
      Wait: { Type: 'Wait', Seconds: 1, Next: 'Done' },
      Done: { Type: 'Succeed' },
      'Clean up': { Type: 'Pass', Next: 'Failed' },
      Failed: { Type: 'Fail' },
    },
  } as const;
  expect(renderMermaid(definition)).toBe(
    [
      'flowchart TD',
      '  start([start])',
      '  finish([end])',
      '  s1["Price"]',
      '  s2{"Large?"}',
      '  subgraph s3["Each"]',
      '    s8["Copy"]',
      '  end',
      '  s4[/"Wait"/]',
      '  s5("Done")',
      '  s6("Clean up")',
      '  s7[["Failed"]]',
      '  start --> s1',
      '  s1 --> s2',
      '  s1 -.-> s6',
      '  s2 -->|"$price.total #gt; 1000"| s3',
      '  s2 -->|otherwise| s4',
      '  s3 --> finish',
      '  s4 --> s5',
      '  s5 --> finish',
      '  s6 --> s7',
      '  s7 --> finish',
    ].join('\n'),
  );
});
