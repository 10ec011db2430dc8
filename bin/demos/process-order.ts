import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Order, OrderDecision } from '../../lambda/order-processing/order.js';
import {
  Activity,
  Chain,
  expr,
  fanOutFanIn,
  flow,
  orElse,
  present,
  type TaskHub,
  type WorkflowError,
  waitForEvent,
} from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';
import { leave, leaveBucket } from './reasons.js';

/** Options of a {@link ProcessOrderStack}. */
export interface ProcessOrderStackProps extends DemoStackProps {
  /** The sender of the shop's mails. @default 'shop@example.com' */
  readonly mailFrom?: string;
  /** SHA-256, in hex, of the key that opens the shop's admin pages: `ApiAuth.digestOf(key)`. @default - the pages are shut */
  readonly adminKeySha256?: string | undefined;
}

/** What the error handler gets. */
interface FailedOrder {
  readonly order: Order;
  readonly error: WorkflowError;
}

/**
 * An order of digital goods: saved, approved by an administrator when it is large, made into a personalised PDF per item, and mailed. With a small shop: pages to order, to
 * see where an order stands, and to approve.
 */
export class ProcessOrderStack extends Stack {
  readonly orders;
  readonly downloads;
  readonly shopApi;
  readonly activities;
  readonly processOrder;
  readonly shop;

  constructor(scope: Construct, id: string, props: ProcessOrderStackProps) {
    super(scope, id, props);
    const mailFrom = props.mailFrom ?? 'shop@example.com';
    this.orders = new dynamodb.Table(this, 'Orders', {
      partitionKey: { name: 'orderId', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    this.downloads = new s3.Bucket(this, 'Downloads', { enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY });
    this.shopApi = new apigateway.HttpApi(this, 'Shop', { description: 'Orders, their status, and their approval' });
    leaveBucket(this.downloads);
    leave(this.shopApi, 'A shop is open to everybody; its admin pages ask for a key themselves.', 'APIG4', 'APIG1');
    this.activities = this.makeActivities(mailFrom);
    this.processOrder = this.makeOrchestration(props.hub);
    this.shop = this.makeShop(props.hub, props.adminKeySha256);
  }

  private makeActivities(mailFrom: string) {
    const environment = {
      ORDER_TABLE: this.orders.tableName,
      DOWNLOADS_BUCKET: this.downloads.bucketName,
      SHOP_URL: this.shopApi.apiEndpoint,
      MAIL_FROM: mailFrom,
    };
    const saveOrder = new Activity<typeof import('../../lambda/order-processing/save-order.js').handler>(
      this,
      'SaveOrder',
      { entry: 'lambda/order-processing/save-order.ts', environment },
    );
    const setState = new Activity<typeof import('../../lambda/order-processing/set-state.js').handler>(
      this,
      'SetState',
      { entry: 'lambda/order-processing/set-state.ts', environment },
    );
    const createPdf = new Activity<typeof import('../../lambda/order-processing/create-pdf.js').handler>(
      this,
      'CreatePdf',
      { entry: 'lambda/order-processing/create-pdf.ts', environment },
    );
    const sendMail = new Activity<typeof import('../../lambda/order-processing/send-mail.js').handler>(
      this,
      'SendMail',
      {
        entry: 'lambda/order-processing/send-mail.ts',
        environment,
        retry: { maxAttempts: 3, firstInterval: Duration.seconds(30) },
      },
    );
    this.orders.grant(saveOrder.function, 'dynamodb:PutItem');
    this.orders.grant(setState.function, 'dynamodb:UpdateItem');
    this.downloads.grantPut(createPdf.function);
    sendMail.function.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ses:SendEmail'],
        resources: [this.formatArn({ service: 'ses', resource: 'identity', resourceName: '*' })],
        conditions: { StringEquals: { 'ses:FromAddress': mailFrom } },
      }),
    );
    leave(
      sendMail,
      'In its sandbox Amazon SES checks the recipient’s identity too; the sender is bounded by a condition.',
      'IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
    );
    return { saveOrder, setState, createPdf, sendMail };
  }

  private makeOrchestration(hub: TaskHub) {
    const { saveOrder, setState } = this.activities;
    return new Chain(this, 'ProcessOrder', {
      hub,
      description: 'Delivers an order of digital goods; a large one needs an approval within three minutes',
      timeout: Duration.days(1),
      steps: flow<Order>()
        .step('saved', saveOrder)
        .choose('approved', {
          when: ({ saved }) => expr<boolean>`${saved.total} > 1000`,
          then: (f) =>
            f
              .customStatus('waiting for approval')
              .step('state', setState, ({ input }) => ({ orderId: input.orderId, state: 'AwaitingApproval' }))
              .step('decision', waitForEvent<OrderDecision>('OrderApproval', { timeout: Duration.seconds(180) }))
              .output(({ decision }) => ({
                approved: expr<boolean>`${decision.received} and ${present(decision.payload).approved}`,
              })),
          otherwise: (f) => f.output(() => ({ approved: true })),
        })
        .choose({
          when: ({ approved }) => approved.approved,
          then: (f) => f.step('delivered', this.deliver(), ({ input }) => input),
          otherwise: (f) => f.step('refused', this.refuse(), ({ input }) => input),
        }),
    });
  }

  /** A PDF for each item, and a mail with their links. */
  private deliver() {
    const { setState, createPdf, sendMail } = this.activities;
    return flow<Order>()
      .customStatus('creating PDFs')
      .step(
        'downloads',
        fanOutFanIn({
          items: ({ input }) => input.items,
          each: createPdf,
          input: (item, { input }) => ({ orderId: input.orderId, customer: input.customer, item }),
        }),
      )
      .step('state', setState, ({ input, downloads }) => ({ orderId: input.orderId, state: 'Completed', downloads }))
      .step('mail', sendMail, ({ input, downloads }) => ({
        kind: 'success',
        orderId: input.orderId,
        customer: input.customer,
        downloads,
      }))
      .customStatus('completed')
      .output(({ downloads }) => ({ Status: 'Success', Downloads: downloads }))
      .catch(this.apologise(), ({ input, error }) => ({ order: input, error }));
  }

  /** Nobody approved. */
  private refuse() {
    const { setState, sendMail } = this.activities;
    return flow<Order>()
      .customStatus('not approved')
      .step('state', setState, ({ input }) => ({ orderId: input.orderId, state: 'NotApproved' }))
      .step('mail', sendMail, ({ input }) => ({
        kind: 'not-approved',
        orderId: input.orderId,
        customer: input.customer,
      }))
      .output(() => ({ Status: 'NotApproved' }));
  }

  /** Delivery failed. */
  private apologise() {
    const { setState, sendMail } = this.activities;
    return flow<FailedOrder>()
      .customStatus('problem')
      .step('state', setState, ({ input }) => ({ orderId: input.order.orderId, state: 'Problem' }))
      .step('mail', sendMail, ({ input }) => ({
        kind: 'problem',
        orderId: input.order.orderId,
        customer: input.order.customer,
      }))
      .output(({ input }) => ({ Status: 'Problem', Message: orElse(input.error.message, input.error.name) }));
  }

  /** The pages' function is bundled like an activity, with all others. It is called by the API, not by the orchestration. */
  private makeShop(hub: TaskHub, adminKeySha256: string | undefined) {
    const { function: pages } = new Activity(this, 'ShopPages', {
      entry: 'lambda/order-processing/shop.ts',
      timeout: Duration.seconds(29),
      environment: {
        ORDER_TABLE: this.orders.tableName,
        DOWNLOADS_BUCKET: this.downloads.bucketName,
        SHOP_URL: this.shopApi.apiEndpoint,
        ...(adminKeySha256 !== undefined && { ADMIN_KEY_SHA256: adminKeySha256 }),
      },
    });
    this.orders.grant(pages, 'dynamodb:GetItem', 'dynamodb:Scan');
    this.downloads.grantRead(pages);
    hub.grantClient(pages, { orchestrations: { 'process-order': this.processOrder } });
    const integration = new HttpLambdaIntegration('Pages', pages);
    for (const route of ROUTES) {
      const [method = '', path = ''] = route.split(' ');
      this.shopApi.addRoutes({ path, methods: [method as apigateway.HttpMethod], integration });
    }
    return pages;
  }
}

const ROUTES = [
  'GET /',
  'POST /orders',
  'GET /orders/{orderId}',
  'GET /downloads/orders/{orderId}/{file}',
  'GET /admin',
  'POST /admin/orders/{orderId}/{decision}',
] as const;
