import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Server } from '../processes.js';

/** The account that the emulator plays. */
export const emulatedAccount = '000000000000';

/** The emulator `ministack` on a free port of the loopback interface. It plays AWS well enough for `cdk deploy`; where the two differ, AWS is right. */
export class Emulator {
  private constructor(
    private readonly server: Server,
    private readonly home: string,
    readonly endpoint: string,
  ) {}

  static async start(bin: string): Promise<Emulator> {
    const port = await freePort();
    const home = mkdtempSync(path.join(tmpdir(), 'durable-steps-emulator-'));
    const server = await Server.start(path.join(bin, 'python'), ['-m', 'ministack'], {
      cwd: home,
      env: {
        ...awsEnvironment(`http://127.0.0.1:${port}`),
        TMPDIR: home,
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        S3_DATA_DIR: path.join(home, 's3'),
        PYTHONUNBUFFERED: '1',
      },
      isReady: (line) => line.includes('Running on'),
    });
    return new Emulator(server, home, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The environment in which AWS clients, the CDK's command line among them, speak to `endpoint`, with credentials that are worth nothing. */
export function awsEnvironment(endpoint: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  return {
    ...Object.fromEntries(own),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_NO_WARNINGS: '1',
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
