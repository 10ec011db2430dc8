import { ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { App } from 'aws-cdk-lib';
import { BackupSiteStack } from '../../bin/demos/backup-site.js';
import { HubStack } from '../../bin/demos/hub.js';
import { WeatherMonitorStack } from '../../bin/demos/weather-monitor.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const backup = new BackupSiteStack(app, 'BackupSite', { hub });
const weather = new WeatherMonitorStack(app, 'WeatherMonitor', { hub });
let env: TestEnvironment;

beforeAll(async () => {
  env = await TestEnvironment.create(app);
});
afterAll(() => env.close());
afterEach(() => env.reset());

describe('backup site', () => {
  const pages = { 'index.html': '<h1>Hello</h1>', 'img/a b.svg': '<svg/>', 'img/c.svg': '<svg></svg>' };

  test('copies every file with its real activities, and sums the bytes', async () => {
    for (const [key, body] of Object.entries(pages)) await env.upload(backup.site, key, body);
    const instance = await env.start(backup.backupSite, { prefix: '', folder: 'monday' });
    expect(await instance.completed()).toEqual({ files: 3, bytes: Object.values(pages).join('').length });
    const s3 = new S3Client({ ...env.aws, forcePathStyle: true });
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const found = await Promise.all(
      Buckets!.map(({ Name }) => s3.send(new ListObjectsV2Command({ Bucket: Name, Prefix: 'monday/' }))),
    );
    const copies = { Contents: found.flatMap(({ Contents }) => Contents ?? []) };
    expect(copies.Contents.map(({ Key }) => Key)).toEqual([
      'monday/img/a b.svg',
      'monday/img/c.svg',
      'monday/index.html',
    ]);
  });
});

describe('weather monitor', () => {
  const input = { city: 'Graz', phone: '+43 1' };

  test('polls every half hour, and alerts when the sky is clear', async () => {
    let polls = 0;
    env.stub(weather.getWeather, ({ city }) => ({ city, clouds: 0, isClear: ++polls === 4 }));
    const instance = await env.start(weather.weatherMonitor, input);
    expect(await instance.completed()).toEqual({ city: 'Graz', clear: true, polls: 4 });
    expect(env.activity(weather.getWeather).calls.map(({ at }) => at.toISOString().slice(11, 16))).toEqual([
      '00:00',
      '00:30',
      '01:00',
      '01:30',
    ]);
    expect(env.activity(weather.sendAlert).inputs).toEqual([input]);
  });

  test('gives up after 6 hours, without an alert', async () => {
    env.stub(weather.getWeather, ({ city }) => ({ city, clouds: 8, isClear: false }));
    const instance = await env.start(weather.weatherMonitor, input);
    expect(await instance.completed()).toEqual({ city: 'Graz', clear: false, polls: 12 });
    expect(env.activity(weather.sendAlert).callCount).toBe(0);
  });

  test('its real activity sees the clouds clear up', async () => {
    const instance = await env.start(weather.weatherMonitor, input);
    expect(await instance.completed()).toMatchObject({ city: 'Graz' });
  });
});
