// Finds the AWS SDK for ES modules that leave it out of their bundle: Lambda's runtime has it, here the app's or this package's node_modules do.
import { pathToFileURL } from 'node:url';

let roots = [];

export function initialize(directories) {
  roots = directories.map((directory) => pathToFileURL(`${directory}/runtime.js`).href);
}

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error;
    for (const parentURL of roots) {
      try {
        return await nextResolve(specifier, { ...context, parentURL });
      } catch {
        // The next directory may have it.
      }
    }
    throw error;
  }
}
