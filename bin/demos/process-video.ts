import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Leftovers, ProcessorName, Rendition, VideoRequest } from '../../lambda/video/video.js';
import {
  Activity,
  Chain,
  expr,
  fanOutFanIn,
  flow,
  humanApproval,
  orElse,
  UploadStarter,
  type WorkflowError,
} from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';
import { leaveBucket } from './reasons.js';

/** Options of a {@link ProcessVideoStack}. */
export interface ProcessVideoStackProps extends DemoStackProps {
  /** Who decides on publication, where the request names nobody. @default 'editor@example.com' */
  readonly editor?: string;
  /** How long they may take. @default Duration.hours(24) */
  readonly approvalTimeout?: Duration;
  /** The ARN of a Lambda layer with `/opt/bin/ffmpeg`. @default - none: on AWS the work is simulated, visibly */
  readonly ffmpegLayerArn?: string;
  /** Which processor to take, whatever is found. @default - ffmpeg where it is found, else the simulation */
  readonly processor?: ProcessorName;
}

/** What the error handler gets. */
interface FailedVideo {
  readonly error: WorkflowError;
  readonly leftovers: Leftovers;
}

/**
 * A video on its way to publication: transcoded to several profiles in parallel (a sub-orchestration), a thumbnail, an intro in front, then a person decides by mail.
 * Started over HTTP by the demos' API, and by each upload to `uploads/` of the media bucket.
 */
export class ProcessVideoStack extends Stack {
  readonly media;
  readonly activities;
  readonly transcodeAll;
  readonly processVideo;
  readonly onUpload;

  constructor(scope: Construct, id: string, props: ProcessVideoStackProps) {
    super(scope, id, props);
    this.media = new s3.Bucket(this, 'Media', {
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(30) }],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    leaveBucket(this.media);
    this.activities = makeActivities(this, this.media, props);
    this.transcodeAll = this.makeTranscodeAll(props);
    this.processVideo = this.makeProcessVideo(props);
    this.onUpload = new UploadStarter(this, 'OnUpload', {
      bucket: this.media,
      prefix: 'uploads/',
      orchestration: this.processVideo,
      input: ({ detail }) => ({ video: detail.object.key }),
    });
  }

  private makeTranscodeAll({ hub }: ProcessVideoStackProps) {
    const { listProfiles, transcode } = this.activities;
    return new Chain(this, 'TranscodeAll', {
      hub,
      description: 'Transcodes a video to every profile, and tells the rendition with the best bit rate',
      steps: flow<{ readonly video: string }>()
        .step('profiles', listProfiles, () => null)
        .step(
          'renditions',
          fanOutFanIn({
            items: ({ profiles }) => profiles,
            each: transcode,
            input: (profile, { input }) => ({ video: input.video, profile }),
            maxConcurrency: 4,
          }),
        )
        .output(({ renditions }) => ({
          best: expr<Rendition>`$sort(${renditions}, function($a, $b) { $a.bitRate < $b.bitRate })[0]`,
          renditions,
        })),
    });
  }

  private makeProcessVideo(props: ProcessVideoStackProps) {
    return new Chain(this, 'ProcessVideo', {
      hub: props.hub,
      description: 'Brings a video to publication, or not, as a person decides',
      timeout: Duration.days(2),
      steps: this.decide(props)
        .customStatus('finished')
        .output(({ transcoded, thumbnail, withIntro, approval }) => ({
          Transcoded: transcoded.best,
          Thumbnail: thumbnail,
          WithIntro: withIntro,
          ApprovalResult: approval.outcome,
        }))
        .catch(this.handleError(), ({ input, transcoded, thumbnail, withIntro, error }) => ({
          error,
          leftovers: { video: input.video, transcoded, thumbnail, withIntro },
        })),
    });
  }

  /** The first part: what is shown to whoever decides. */
  private makeArtefacts() {
    const { extractThumbnail, prependIntro } = this.activities;
    return flow<VideoRequest>()
      .customStatus('transcoding')
      .step('transcoded', this.transcodeAll, ({ input }) => ({ video: input.video }))
      .customStatus('extracting thumbnail')
      .step('thumbnail', extractThumbnail, ({ input, transcoded }) => ({
        video: input.video,
        location: transcoded.best.location,
      }))
      .customStatus('prepending intro')
      .step('withIntro', prependIntro, ({ input, transcoded }) => ({
        video: input.video,
        location: transcoded.best.location,
      }));
  }

  /** The second part, which goes on from the first: a person decides by mail. */
  private decide({ editor, approvalTimeout }: ProcessVideoStackProps) {
    const { requestApproval, publish, reject } = this.activities;
    return this.makeArtefacts()
      .customStatus('sending approval request email')
      .step('request', requestApproval, ({ input, transcoded, thumbnail, withIntro }) => ({
        video: input.video,
        transcoded: transcoded.best,
        thumbnail,
        withIntro,
      }))
      .customStatus('waiting for email response')
      .step(
        'approval',
        humanApproval({
          approvers: ({ input }) => [orElse(input.approver, editor ?? 'editor@example.com')],
          subject: ({ request }) => request.subject,
          details: ({ request }) => request.details,
          requestedBy: 'Video processing',
          timeout: approvalTimeout ?? Duration.hours(24),
        }),
      )
      .choose({
        when: ({ approval }) => approval.approved,
        then: (f) =>
          f
            .customStatus('publishing video')
            .step('published', publish, ({ withIntro, thumbnail }) => ({ withIntro, thumbnail })),
        otherwise: (f) =>
          f.customStatus('rejecting video').step('rejected', reject, ({ withIntro }) => ({ withIntro })),
      });
  }

  /** Whatever fails, the instance completes: what had been made is deleted, and the output says what went wrong. */
  private handleError() {
    return flow<FailedVideo>()
      .customStatus('error: cleaning up')
      .step('cleanedUp', this.activities.cleanUp, ({ input }) => input.leftovers)
      .customStatus('finished with error')
      .output(({ input }) => ({ Error: input.error.name, Message: input.error.message }));
  }
}

function makeActivities(stack: Stack, media: s3.IBucket, props: ProcessVideoStackProps) {
  const environment = {
    MEDIA_BUCKET: media.bucketName,
    ...(props.processor === undefined ? {} : { VIDEO_PROCESSOR: props.processor }),
  };
  const activities = {
    listProfiles: new Activity<typeof import('../../lambda/video/list-profiles.js').handler>(stack, 'ListProfiles', {
      entry: 'lambda/video/list-profiles.ts',
    }),
    ...makeProcessors(stack, environment, props.ffmpegLayerArn),
    ...makeDesk(stack, environment),
  };
  const { transcode, extractThumbnail, prependIntro, publish, reject, cleanUp } = activities;
  for (const { function: fn } of [transcode, extractThumbnail, prependIntro, publish, reject]) media.grantReadWrite(fn);
  media.grantDelete(cleanUp.function);
  return activities;
}

type VideoEnvironment = Readonly<Record<string, string>>;

/** The activities that work on a video: in /tmp, by a program that takes what CPU it gets. */
function makeProcessors(stack: Stack, environment: VideoEnvironment, ffmpegLayerArn: string | undefined) {
  const processing = {
    environment,
    timeout: Duration.minutes(15),
    memorySize: 3008,
    ephemeralStorageSize: Size.gibibytes(4),
    ...(ffmpegLayerArn === undefined
      ? {}
      : { layers: [lambda.LayerVersion.fromLayerVersionArn(stack, 'Ffmpeg', ffmpegLayerArn)] }),
  };
  return {
    transcode: new Activity<typeof import('../../lambda/video/transcode.js').handler>(stack, 'Transcode', {
      entry: 'lambda/video/transcode.ts',
      ...processing,
    }),
    extractThumbnail: new Activity<typeof import('../../lambda/video/extract-thumbnail.js').handler>(
      stack,
      'ExtractThumbnail',
      {
        entry: 'lambda/video/extract-thumbnail.ts',
        retry: { maxAttempts: 4, firstInterval: Duration.seconds(5) },
        ...processing,
      },
    ),
    prependIntro: new Activity<typeof import('../../lambda/video/prepend-intro.js').handler>(stack, 'PrependIntro', {
      entry: 'lambda/video/prepend-intro.ts',
      ...processing,
    }),
  };
}

/** The activities around the decision. */
function makeDesk(stack: Stack, environment: VideoEnvironment) {
  return {
    requestApproval: new Activity<typeof import('../../lambda/video/request-approval.js').handler>(
      stack,
      'RequestApproval',
      { entry: 'lambda/video/request-approval.ts' },
    ),
    publish: new Activity<typeof import('../../lambda/video/publish.js').handler>(stack, 'Publish', {
      entry: 'lambda/video/publish.ts',
      environment,
    }),
    reject: new Activity<typeof import('../../lambda/video/reject.js').handler>(stack, 'Reject', {
      entry: 'lambda/video/reject.ts',
      environment,
    }),
    cleanUp: new Activity<typeof import('../../lambda/video/clean-up.js').handler>(stack, 'CleanUp', {
      entry: 'lambda/video/clean-up.ts',
      environment,
      retry: { maxAttempts: 3, firstInterval: Duration.seconds(10) },
    }),
  };
}
