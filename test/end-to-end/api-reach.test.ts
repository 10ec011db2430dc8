import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';

jest.setTimeout(120_000);

/** Two APIs of one hub: one names `open` alone, the other one reaches everything. */
function synthesize(outdir: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Reach');
  const hub = new TaskHub(stack, 'Hub');
  const [open, secret] = ['Open', 'Secret'].map((id) => {
    const stateMachine = new sfn.StateMachine(stack, id, {
      definitionBody: sfn.DefinitionBody.fromString(
        '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}',
      ),
    });
    hub.addOrchestration({ name: id, stateMachine });
    return { stateMachine };
  }) as [{ stateMachine: sfn.StateMachine }, { stateMachine: sfn.StateMachine }];
  const auth = ApiAuth.none();
  new AsyncHttpApi(stack, 'Public', { hub, auth, orchestrations: { open } });
  new AsyncHttpApi(stack, 'Whole', { hub, auth, orchestrations: { open, secret }, reach: 'hub' });
  app.synth();
}

describe('an API that names one orchestration, on the local cloud with IAM enforced', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-reach-'));
  let cloud: LocalCloud;
  let addresses: Readonly<Record<string, string>>;
  const ask = async (api: 'Public' | 'Whole', method: string, route: string, body?: string) => {
    const answer = await fetch(`${addresses[api]}${route}`, { method, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    return { status: answer.status, text, token: answer.headers.get('x-ms-continuation-token') };
  };
  beforeAll(async () => {
    synthesize(directory);
    cloud = await LocalCloud.load(directory);
    addresses = cloud.listen().apis;
    for (const [name, id] of [
      ['secret', 'live'],
      ['secret', 'over'],
      ['open', 'mine'],
      ['open', 'done'],
    ])
      expect((await ask('Whole', 'POST', `/orchestrations/${name}/${id}`, '"treasure"')).status).toBe(202);
    for (const id of ['over', 'done'])
      expect((await ask('Whole', 'POST', `/instances/${id}/terminate?reason=over`)).status).toBe(202);
    for (const id of ['over', 'done'])
      expect((await ask('Whole', 'GET', `/instances/${id}?waitForCompletion=20`)).status).toBe(200);
  });
  afterAll(async () => {
    await cloud.close();
    rmSync(directory, { recursive: true });
  });

  test.each([
    ['GET', '/instances/{id}'],
    ['GET', '/instances/{id}?showHistory=true&showHistoryOutput=true'],
    ['GET', '/instances/{id}?waitForCompletion=1'],
    ['POST', '/instances/{id}/raiseEvent/go'],
    ['POST', '/instances/{id}/terminate?reason=mine'],
    ['POST', '/instances/{id}/rewind'],
    ['POST', '/instances/{id}/restart'],
    ['POST', '/instances/{id}/restart?restartWithNewInstanceId=true'],
    ['DELETE', '/instances/{id}'],
  ])('%s %s answers for another’s instance as for one that doesn’t exist', async (method, route) => {
    for (const id of ['live', 'over']) {
      const answer = await ask('Public', method, route.replace('{id}', id));
      const unknown = await ask('Public', method, route.replace('{id}', 'nobody'));
      expect(answer).toEqual({ ...unknown, status: 404, text: unknown.text.replaceAll('nobody', id) });
    }
  });

  test('it lists its own alone, by any filter, and gives no token that leads to others', async () => {
    for (const filter of ['', '?name=secret', '?instanceIdPrefix=live', '?runtimeStatus=Terminated', '?top=1']) {
      const { text } = await ask('Public', 'GET', `/instances${filter}`);
      const names = (JSON.parse(text) as { name: string }[]).map(({ name }) => name);
      expect(names.filter((name) => name !== 'open')).toEqual([]);
      expect(text).not.toContain('secret');
    }
    const whole = JSON.parse((await ask('Whole', 'GET', '/instances')).text) as { instanceId: string }[];
    expect(whole.map(({ instanceId }) => instanceId).sort()).toEqual(['done', 'live', 'mine', 'over']);
  });

  test('it starts nothing under another’s id, live or finished, and doesn’t tell how that one stands', async () => {
    for (const id of ['live', 'over']) {
      const answer = await ask('Public', 'POST', `/orchestrations/open/${id}`, '"mine"');
      expect(answer).toMatchObject({ status: 409 });
      expect(answer.text).not.toMatch(/Running|Terminated|secret/);
    }
    expect((await ask('Public', 'POST', '/orchestrations/secret', '1')).status).toBe(404);
  });

  test('its purge of everything leaves what isn’t its own', async () => {
    const purged = await ask('Public', 'DELETE', '/instances?createdTimeFrom=2000-01-01');
    expect(JSON.parse(purged.text)).toEqual({ instancesDeleted: 1 });
    expect(JSON.parse((await ask('Whole', 'GET', '/instances/over')).text)).toMatchObject({ name: 'secret' });
    expect((await ask('Whole', 'GET', '/instances/done')).status).toBe(404);
  });

  test('the whole hub is reached by the API that asks for it', async () => {
    expect((await ask('Whole', 'DELETE', '/instances/over')).status).toBe(200);
    expect((await ask('Whole', 'POST', '/instances/live/terminate?reason=done')).status).toBe(202);
  });
});
