// The CDK's own linting of templates takes a second and more for each synthesis, and prints; cfn-lint looks at the demo app's templates in `npm run test:deploy`.
process.env['CDK_VALIDATION'] ??= 'false';
