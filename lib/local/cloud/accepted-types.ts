/**
 * Resource types with nothing to run: they configure AWS, or are read by the service that they configure.
 *
 * A type that is neither here nor a service's is refused when the template loads.
 */
export const ACCEPTED_TYPES: ReadonlySet<string> = new Set([
  // Read by whoever checks calls (IAM), or grants between services that this machine's services have anyway.
  'AWS::IAM::Group',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::OIDCProvider',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::IAM::ServiceLinkedRole',
  'AWS::IAM::User',
  'AWS::IAM::UserPolicy',
  'AWS::Lambda::Permission',
  'AWS::Events::EventBusPolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  // A version or an alias of a function runs the function.
  'AWS::Lambda::Alias',
  'AWS::Lambda::Version',
  'AWS::StepFunctions::StateMachineVersion',
  // Observation.
  'AWS::ApplicationInsights::Application',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
  'AWS::Logs::LogStream',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::Logs::SubscriptionFilter',
  'AWS::XRay::Group',
  'AWS::XRay::SamplingRule',
  'AWS::ApiGateway::Account',
  'AWS::ResourceGroups::Group',
  // Names and certificates: here everything answers at the local address.
  'AWS::CertificateManager::Certificate',
  'AWS::Route53::HostedZone',
  'AWS::Route53::RecordSet',
  // The CDK's and CloudFormation's own.
  'AWS::CDK::Metadata',
  'AWS::CloudFormation::Stack',
  'AWS::CloudFormation::WaitConditionHandle',
  // Custom resources that prepare for deletion or retention: nothing here outlives the process.
  'Custom::LogRetention',
  'Custom::S3AutoDeleteObjects',
]);
