/**
 * The HTTP API's contract, over HTTP alone: the same tests run against the local cloud and against a deployed stack of `contract-app.ts`.
 *
 * Ids are fresh in each run, so that it can be repeated against the same stack.
 */

/** What an emulator may lack of AWS. The facts that need it are not tested there. */
export type Deviation =
  /** Executions send no status events: instances that the hub didn't start itself stay unknown to it. */
  | 'no status events'
  /** There is no RedriveExecution. */
  | 'no redrive'
  /** The gateway leaves percent signs of a path encoded. */
  | 'percent signs stay encoded';

/** Where the API is. */
export interface ContractTarget {
  readonly baseUrl: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly body: any;
}

/** Registers the tests; those of facts that a deviation rules out are skipped. */
export function describeHttpContract(
  title: string,
  deviations: readonly Deviation[],
  connect: () => Promise<ContractTarget>,
): void {
  const unless = (deviation: Deviation) => (deviations.includes(deviation) ? test.skip : test);
  let target: ContractTarget;
  let answers: string[];
  let run = '';
  /** What links in answers begin with: the address that the API knows of itself. */
  let links = '';
  let ids = 0;

  beforeAll(async () => {
    target = await connect();
    const document = (await (await fetch(`${target.baseUrl}/openapi.json`)).json()) as { servers: [{ url: string }] };
    links = document.servers[0].url;
    run = Math.random().toString(36).slice(2, 8);
  }, 240_000);
  afterAll(() => target?.close());
  beforeEach(() => {
    answers = [];
  });
  // Nothing that AWS keeps to itself is ever shown, whatever was asked.
  afterEach(() => {
    for (const text of answers) expect(text).not.toMatch(/arn:aws|\b123456789012\b|\b000000000000\b/);
  });

  const newId = () => `${run}-${++ids}`;

  async function send(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = path.startsWith(links) ? path.replace(links, target.baseUrl) : `${target.baseUrl}${path}`;
    const response = await fetch(url, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    answers.push(text, ...response.headers.values());
    return { status: response.status, headers: response.headers, text, body: tryParse(text) };
  }

  const start = (name: string, id: string, input: unknown = {}) =>
    send('POST', `/orchestrations/${name}/${encodeURIComponent(id)}`, JSON.stringify(input));
  const read = (id: string, query = '') => send('GET', `/instances/${encodeURIComponent(id)}${query}`);
  const finished = async (id: string): Promise<Answer> => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const answer = await read(id, '?waitForCompletion=20');
      if (answer.status !== 202) return answer;
    }
    throw new Error(`${id} did not finish`);
  };
  const expectProblem = (answer: Answer, status: number, error: string) => {
    expect([answer.status, answer.body]).toEqual([status, { error, message: expect.any(String) }]);
    expect(answer.headers.get('content-type')).toContain('application/json');
  };

  describe(`${title}: start`, () => {
    test('answers 202 with where to follow the instance', async () => {
      const id = newId();
      const answer = await start('echo', id, { city: 'Tokyo' });
      expect(answer.status).toBe(202);
      expect(answer.headers.get('retry-after')).toBe('10');
      expect(answer.headers.get('location')).toBe(`${links}/instances/${id}`);
      expect(answer.body).toEqual({
        id,
        statusQueryGetUri: `${links}/instances/${id}`,
        sendEventPostUri: `${links}/instances/${id}/raiseEvent/{eventName}`,
        terminatePostUri: `${links}/instances/${id}/terminate?reason={text}`,
        rewindPostUri: `${links}/instances/${id}/rewind?reason={text}`,
        restartPostUri: `${links}/instances/${id}/restart`,
        purgeHistoryDeleteUri: `${links}/instances/${id}`,
      });
    });

    test('without an id makes one', async () => {
      const answer = await send('POST', '/orchestrations/echo', '1');
      expect(answer.status).toBe(202);
      expect(answer.body.id).toMatch(/^[0-9a-f]{32}$/);
    });

    test('with waitForCompletion answers 200 with the finished instance', async () => {
      const answer = await send('POST', `/orchestrations/echo/${newId()}?waitForCompletion=20`, '{"a":[1,"ü"]}');
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        name: 'echo',
        runtimeStatus: 'Completed',
        output: { echo: { a: [1, 'ü'] } },
      });
    });

    test('is idempotent while it runs and after the end, and refuses another input while it runs', async () => {
      const id = newId();
      expect((await start('waiter', id, { n: 1 })).status).toBe(202);
      expect((await start('waiter', id, { n: 1 })).status).toBe(202);
      expectProblem(await start('waiter', id, { n: 2 }), 409, 'InstanceInUse');
      expectProblem(await start('echo', id, { n: 1 }), 409, 'InstanceInUse');
      await send('POST', `/instances/${id}/raiseEvent/go`, '"end"');
      const { body: first } = await finished(id);
      expect((await start('waiter', id, { n: 1 })).status).toBe(202);
      expect((await read(id)).body).toEqual(first);
    });

    test('20 at once with one id start one instance', async () => {
      const id = newId();
      const all = await Promise.all(Array.from({ length: 20 }, () => start('echo', id, { n: 1 })));
      expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
      await finished(id);
      const list = await send('GET', `/instances?instanceIdPrefix=${id}`);
      expect(list.body).toHaveLength(1);
    });

    test.each([
      ['nothing', undefined, null],
      ['0 bytes', '', null],
      ['a number', '7', 7],
      ['deep nesting', `${'['.repeat(150)}${']'.repeat(150)}`, expect.any(Array)],
      ['200 KB', JSON.stringify('ü'.repeat(100_000)), 'ü'.repeat(100_000)],
    ])('takes %s as input', async (_title, body, input) => {
      const id = newId();
      expect((await send('POST', `/orchestrations/waiter/${id}`, body)).status).toBe(202);
      expect((await read(id)).body.input).toEqual(input);
      await send('POST', `/instances/${id}/terminate`);
    });

    test.each([
      ['invalid JSON', '{"a":', 400, 'InvalidJson'],
      ['two values', '1 2', 400, 'InvalidJson'],
      ['hostile nesting', '['.repeat(20_000), 400, 'InvalidJson'],
      ['300 KB', JSON.stringify('x'.repeat(300_000)), 413, 'PayloadTooLarge'],
    ])('refuses %s and keeps nothing', async (_title, body, status, error) => {
      const id = newId();
      expectProblem(await send('POST', `/orchestrations/echo/${id}`, body), status, error);
      expectProblem(await read(id), 404, 'InstanceNotFound');
    });

    test('refuses bytes that are no UTF-8', async () => {
      const bytes = new Uint8Array([0x22, 0xff, 0x22]);
      expectProblem(
        await send('POST', '/orchestrations/echo', bytes, { 'content-type': 'application/octet-stream' }),
        400,
        'InvalidJson',
      );
    });

    test.each(['with space', 'a/b', 'ünï-注文-🚀', 'q?x#y', 'x'.repeat(200), '100%25', "it's"])(
      'takes the id %s',
      async (given) => {
        const id = `${newId()} ${given}`;
        const answer = await start('echo', id, { id });
        expect(answer.status).toBe(202);
        const followed = await send('GET', `${answer.body.statusQueryGetUri}?waitForCompletion=20`);
        expect(followed.status).toBe(200);
        // A question mark ends a decoded path for API Gateway; the links don't have one.
        const cutOff =
          given.includes('?') || (given.includes('%') && deviations.includes('percent signs stay encoded'));
        if (!cutOff) {
          expect(followed.body).toMatchObject({ instanceId: id, output: { echo: { id } } });
          expect((await read(id)).body).toEqual(followed.body);
        }
      },
    );

    test('refuses unknown orchestrations and ids that are too long', async () => {
      expectProblem(await start('nope', newId()), 404, 'OrchestrationNotFound');
      expectProblem(await start('echo', 'x'.repeat(1_201)), 400, 'InvalidRequest');
    });
  });

  describe(`${title}: status`, () => {
    test('is 202 with Retry-After while the instance lives', async () => {
      const id = newId();
      await start('waiter', id, { n: 1 });
      const answer = await read(id);
      expect(answer.status).toBe(202);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.body).toEqual({
        name: 'waiter',
        instanceId: id,
        runtimeStatus: expect.stringMatching(/^(Pending|Running)$/),
        input: { n: 1 },
        customStatus: null,
        output: null,
        createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        lastUpdatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
      expect((await read(id, '?showInput=false')).body.input).toBeNull();
      await send('POST', `/instances/${id}/terminate`);
    });

    test('is 200 when it has completed, with custom status and output', async () => {
      const id = newId();
      await start('echo', id, { n: 1 });
      const answer = await finished(id);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        runtimeStatus: 'Completed',
        customStatus: 'echoing',
        output: { echo: { n: 1 } },
      });
    });

    test('of a failure is 200, and 500 when the request asks for that', async () => {
      const id = newId();
      await start('failing', id);
      const answer = await finished(id);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ runtimeStatus: 'Failed', output: { error: 'Broken', message: 'it broke' } });
      const asked = await read(id, '?returnInternalServerErrorOnFailure=true');
      expect([asked.status, asked.body]).toEqual([500, answer.body]);
    });

    test('shows the history', async () => {
      const id = newId();
      await start('echo', id, { n: 1 });
      await finished(id);
      const types = (answer: Answer) =>
        answer.body.historyEvents.map(({ EventType }: { EventType: string }) => EventType);
      const plain = await read(id, '?showHistory=true');
      expect(types(plain)).toEqual([
        'ExecutionStarted',
        'TaskScheduled',
        'TaskCompleted',
        'StateEntered',
        'StateExited',
        'ExecutionCompleted',
      ]);
      expect(plain.text).not.toContain('"Result"');
      const full = await read(id, '?showHistory=true&showHistoryOutput=true');
      expect(full.body.historyEvents.at(-1)).toMatchObject({
        OrchestrationStatus: 'Completed',
        Result: { echo: { n: 1 } },
      });
    });

    test.each(['showHistory=maybe', 'waitForCompletion=0', 'waitForCompletion=26', 'waitForCompletion=x'])(
      'refuses ?%s',
      async (query) => {
        expectProblem(await read('any', `?${query}`), 400, 'InvalidRequest');
      },
    );

    test('of an unknown instance is 404', async () => {
      expectProblem(await read(newId()), 404, 'InstanceNotFound');
    });
  });

  describe(`${title}: events`, () => {
    test('reach the instance that waits, or wait for it', async () => {
      const id = newId();
      await start('waiter', id);
      const answer = await send('POST', `/instances/${id}/raiseEvent/go`, '{"yes":true}');
      expect([answer.status, answer.text]).toEqual([202, '']);
      expect((await finished(id)).body).toMatchObject({ runtimeStatus: 'Completed', output: { yes: true } });
      expectProblem(await send('POST', `/instances/${id}/raiseEvent/go`, '1'), 410, 'InstanceFinished');
    });

    test('of another name don’t', async () => {
      const id = newId();
      await start('waiter', id);
      expect((await send('POST', `/instances/${id}/raiseEvent/other`, '1')).status).toBe(202);
      expect((await read(id, '?waitForCompletion=1')).status).toBe(202);
      await send('POST', `/instances/${id}/terminate`);
    });

    test('are refused when they are no JSON, and for unknown instances', async () => {
      const id = newId();
      await start('waiter', id);
      expectProblem(await send('POST', `/instances/${id}/raiseEvent/go`, 'yes!'), 400, 'InvalidJson');
      expectProblem(await send('POST', `/instances/${newId()}/raiseEvent/go`, '1'), 404, 'InstanceNotFound');
      await send('POST', `/instances/${id}/terminate`);
    });
  });

  describe(`${title}: terminate, rewind, restart`, () => {
    test('terminate keeps the reason', async () => {
      const id = newId();
      await start('waiter', id);
      expect(
        (await send('POST', `/instances/${id}/terminate?reason=${encodeURIComponent('no longer needed, ü')}`)).status,
      ).toBe(202);
      const answer = await finished(id);
      expect(answer.body).toMatchObject({ runtimeStatus: 'Terminated', output: 'no longer needed, ü' });
      expectProblem(await send('POST', `/instances/${id}/terminate`), 410, 'InstanceFinished');
      expectProblem(await send('POST', `/instances/${newId()}/terminate`), 404, 'InstanceNotFound');
    });

    test('terminate ends an instance that waits for a sub-orchestration', async () => {
      const id = newId();
      await start('parent', id);
      await send('POST', `/instances/${id}/terminate?reason=stop`);
      expect((await finished(id)).body.runtimeStatus).toBe('Terminated');
    });

    unless('no status events')('terminate reaches sub-orchestrations', async () => {
      const id = newId();
      await start('parent', id);
      for (let attempt = 0; attempt < 20; attempt++) {
        if ((await read(`${id}.child`)).status === 202) break;
        await read(id, '?waitForCompletion=1');
      }
      await send('POST', `/instances/${id}/terminate?reason=stop`);
      expect((await finished(id)).body.runtimeStatus).toBe('Terminated');
      expect((await finished(`${id}.child`)).body.runtimeStatus).toBe('Terminated');
    });

    test('an eternal instance keeps its id over generations, until it is terminated', async () => {
      const id = newId();
      await start('eternal', id, { count: 1 });
      let count = 1;
      for (let attempt = 0; attempt < 15 && count < 3; attempt++)
        count = (await read(id, '?waitForCompletion=1')).body.input.count;
      expect(count).toBeGreaterThanOrEqual(3);
      await send('POST', `/instances/${id}/terminate?reason=enough`);
      const answer = await finished(id);
      expect(answer.body).toMatchObject({ instanceId: id, runtimeStatus: 'Terminated', output: 'enough' });
      expect((await read(id, '?waitForCompletion=3')).body).toEqual(answer.body);
    });

    unless('no redrive')('rewind lets a failed instance go on', async () => {
      const id = newId();
      await start('stuck', id);
      await finished(id);
      expect((await send('POST', `/instances/${id}/rewind?reason=again`)).status).toBe(202);
      expect((await finished(id)).body).toMatchObject({ instanceId: id, runtimeStatus: 'Failed' });
    });

    unless('no redrive')('rewind is refused where it would only end again', async () => {
      const id = newId();
      await start('failing', id);
      await finished(id);
      expectProblem(await send('POST', `/instances/${id}/rewind`), 409, 'NotRewindable');
    });

    test('rewind is refused for what runs, completed, or is unknown', async () => {
      const id = newId();
      await start('waiter', id);
      expectProblem(await send('POST', `/instances/${id}/rewind`), 409, 'NotRewindable');
      await send('POST', `/instances/${id}/raiseEvent/go`, '1');
      await finished(id);
      expectProblem(await send('POST', `/instances/${id}/rewind`), 410, 'InstanceFinished');
      expectProblem(await send('POST', `/instances/${newId()}/rewind`), 404, 'InstanceNotFound');
    });

    test('restart runs it again under the same id, or as a new instance', async () => {
      const id = newId();
      await start('waiter', id, { n: 1 });
      expectProblem(await send('POST', `/instances/${id}/restart`), 409, 'InstanceNotFinished');
      await send('POST', `/instances/${id}/raiseEvent/go`, '"first"');
      await finished(id);
      const again = await send('POST', `/instances/${id}/restart`);
      expect([again.status, again.body.id]).toEqual([202, id]);
      expect((await read(id)).body).toMatchObject({ input: { n: 1 }, output: null });
      await send('POST', `/instances/${id}/raiseEvent/go`, '"second"');
      expect((await finished(id)).body.output).toBe('second');
      const other = await send('POST', `/instances/${id}/restart?restartWithNewInstanceId=true`);
      expect(other.status).toBe(202);
      expect(other.body.id).not.toBe(id);
      await send('POST', other.body.terminatePostUri.replace('{text}', 'done'));
      expectProblem(await send('POST', `/instances/${newId()}/restart`), 404, 'InstanceNotFound');
    });
  });

  describe(`${title}: list and purge`, () => {
    test('lists by prefix, status and name, page by page, newest first', async () => {
      const group = newId();
      for (const number of [1, 2, 3, 4, 5])
        await start(number % 2 === 0 ? 'failing' : 'echo', `${group}.${number}`, { number });
      for (const number of [1, 2, 3, 4, 5]) await finished(`${group}.${number}`);
      const seen: string[] = [];
      let headers: Record<string, string> = {};
      for (let page = 0; page < 10; page++) {
        const answer = await send('GET', `/instances?instanceIdPrefix=${group}.&top=2`, undefined, headers);
        expect(answer.status).toBe(200);
        seen.push(...answer.body.map(({ instanceId }: { instanceId: string }) => instanceId));
        const token = answer.headers.get('x-ms-continuation-token');
        if (token === null) break;
        headers = { 'x-ms-continuation-token': token };
      }
      expect(seen).toEqual([5, 4, 3, 2, 1].map((number) => `${group}.${number}`));
      const idsOf = async (query: string) =>
        (await send('GET', `/instances?instanceIdPrefix=${group}.&${query}`)).body
          .map(({ instanceId }: { instanceId: string }) => instanceId.slice(-1))
          .join('');
      expect(await idsOf('runtimeStatus=Failed')).toBe('42');
      expect(await idsOf('runtimeStatus=Completed,Failed')).toBe('54321');
      expect(await idsOf('name=echo')).toBe('531');
      expect(await idsOf('createdTimeTo=2020-01-01T00:00:00Z')).toBe('');
    });

    test.each(['top=0', 'top=101', 'runtimeStatus=Happy', 'createdTimeFrom=yesterday', 'continuationToken=zzz'])(
      'refuses a list with ?%s',
      async (query) => {
        expectProblem(await send('GET', `/instances?${query}`), 400, 'InvalidRequest');
      },
    );

    test('purges one', async () => {
      const id = newId();
      await start('waiter', id);
      expectProblem(await send('DELETE', `/instances/${id}`), 409, 'InstanceNotFinished');
      await send('POST', `/instances/${id}/terminate`);
      await finished(id);
      const answer = await send('DELETE', `/instances/${id}`);
      expect([answer.status, answer.body]).toEqual([200, { instancesDeleted: 1 }]);
      expectProblem(await read(id), 404, 'InstanceNotFound');
      expectProblem(await send('DELETE', `/instances/${id}`), 404, 'InstanceNotFound');
    });

    test('purges by filter', async () => {
      const group = newId();
      for (const number of [1, 2, 3]) await start('echo', `${group}.${number}`);
      for (const number of [1, 2, 3]) await finished(`${group}.${number}`);
      const query = `/instances?instanceIdPrefix=${group}.&createdTimeFrom=2020-01-01T00:00:00Z`;
      expect((await send('DELETE', query)).body).toEqual({ instancesDeleted: 3 });
      expectProblem(await send('DELETE', query), 404, 'InstanceNotFound');
      expectProblem(await send('DELETE', `/instances?instanceIdPrefix=${group}`), 400, 'InvalidRequest');
    });
  });

  describe(`${title}: the rest`, () => {
    test('unknown routes and methods are told so in JSON', async () => {
      expectProblem(await send('GET', '/'), 404, 'RouteNotFound');
      expectProblem(await send('GET', '/nothing/here'), 404, 'RouteNotFound');
      const put = await send('PUT', '/instances', '{}');
      expectProblem(put, 405, 'MethodNotAllowed');
      expect(put.headers.get('allow')).toBe('GET, DELETE');
    });

    test('the document describes the routes at their address', async () => {
      const answer = await send('GET', '/openapi.json');
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ openapi: '3.0.3', servers: [{ url: links }] });
      expect(Object.keys(answer.body.paths)).toContain('/orchestrations/echo/{instanceId}');
    });
  });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
