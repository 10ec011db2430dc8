// The Lambda runtime inside a worker thread: loads one handler, then answers one invocation at a time.
//
// Plain JavaScript, because a worker starts from a file and must not need a TypeScript loader. It shares nothing with the local cloud but messages:
// in:  { type: 'invoke', payload, context, deadline, offset }
// out: { type: 'ready' } | { type: 'init-failed', error } | { type: 'log', text } | { type: 'done', payload } | { type: 'failed', error, fatal }
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { createRequire, Module, register } = require('node:module');
const { pathToFileURL } = require('node:url');
const dns = require('node:dns');
const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');

const { taskRoot, handler: handlerName, nodePath, callbacks } = workerData;
const RealDate = Date;
const realNow = RealDate.now;
let offset = 0;
let current;

const post = (message) => parentPort.postMessage(message);

// --- surroundings -------------------------------------------------------------------------------------------------------------------------------

/** The cloud's time: all of `Date` reads the machine's clock plus an offset. */
function installClock() {
  const now = () => realNow() + offset;
  const CloudDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = CloudDate;
  globalThis.Date = CloudDate;
}

/** Output goes through the same port as results, so it can't come after them. */
function installOutput() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, callback) => {
      const done = typeof encoding === 'function' ? encoding : callback;
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      post({ type: 'log', text });
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
  }
}

/** The SDK puts `sync-` in front of the host for StartSyncExecution; in front of 127.0.0.1 that is a name nobody knows. */
function installHostPrefix() {
  const { lookup } = dns;
  dns.lookup = (hostname, ...rest) => lookup(hostname.replace(/^sync-(?=127\.0\.0\.1$)/, ''), ...rest);
}

/** Lambda finds the AWS SDK in its runtime; here it is found where the app or this package has it. */
function installNodePath() {
  process.env.NODE_PATH = nodePath.join(path.delimiter);
  Module._initPaths();
}

// --- the handler --------------------------------------------------------------------------------------------------------------------------------

function failure(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** `dir/file.export.path`: the file's name ends at the first dot of the last segment. */
function splitHandler(text) {
  const slash = text.lastIndexOf('/') + 1;
  const dot = text.indexOf('.', slash);
  if (dot < 0 || text.includes('..')) throw failure('Runtime.MalformedHandlerName', 'Bad handler');
  return { file: path.resolve(taskRoot, text.slice(0, dot)), names: text.slice(dot + 1).split('.') };
}

function nearestIsModule(file) {
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const manifest = path.join(directory, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    if (directory === taskRoot || directory === path.dirname(directory)) return false;
  }
}

async function importFile(file) {
  const isModule = file.endsWith('.mjs') || (!file.endsWith('.cjs') && nearestIsModule(file));
  if (!isModule) {
    try {
      return createRequire(file)(file);
    } catch (error) {
      // Node 20 and 22 give ES syntax in a plain `.js` file a second chance as a module; so does Lambda.
      const isEsm =
        error?.code === 'ERR_REQUIRE_ESM' ||
        /Cannot use import statement|Unexpected token 'export'/.test(String(error?.message));
      if (!isEsm) throw error;
    }
  }
  return await importModule(pathToFileURL(file).href);
}

async function importModule(url) {
  try {
    return await import(url);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package '@(aws-sdk|smithy)\//.test(error.message))
      throw error;
    register(pathToFileURL(path.join(__dirname, 'sdk-resolver.mjs')).href, { data: nodePath });
    // A module that failed to link stays failed under its own URL.
    return await import(`${url}?sdk`);
  }
}

async function loadModule(file) {
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const candidate = file + extension;
    if (fs.existsSync(candidate) && fs.statSync(candidate).isFile()) return await importFile(candidate);
  }
  throw failure('Runtime.ImportModuleError', `Error: Cannot find module '${path.relative(taskRoot, file)}'`);
}

async function loadHandler() {
  const { file, names } = splitHandler(handlerName);
  let module_;
  try {
    module_ = await loadModule(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw failure('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw failure('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const find = (root) => names.reduce((value, name) => value?.[name], root);
  const found = find(module_) ?? find(module_?.default);
  if (found === undefined) throw failure('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  if (typeof found !== 'function') throw failure('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  if (!callbacks && found.length >= 3) {
    throw failure(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.',
    );
  }
  return found;
}

// --- results ------------------------------------------------------------------------------------------------------------------------------------

/** What Lambda's Node.js runtime makes of a thrown value. */
function renderError(error) {
  const clean = (text) => text?.replace(/\x7F/g, '%7F');
  try {
    const looksLikeError =
      error && [error.name, error.message, error.stack].every((part) => part && typeof part === 'string');
    if (util.types.isNativeError(error) || looksLikeError) {
      return {
        errorType: clean(error.name),
        errorMessage: clean(error.message),
        trace: clean(error.stack).split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

/** Ends the current invocation once; later answers are dropped, as on Lambda. */
function finish(message) {
  if (current === undefined) return;
  current = undefined;
  parentPort.ref();
  post(message);
}

function succeed(result) {
  let payload;
  try {
    payload = JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    return fail(failure('Runtime.MarshalError', 'Unable to stringify response body'));
  }
  finish({ type: 'done', payload });
}

function fail(error, fatal = false) {
  finish({ type: 'failed', error: renderError(error), fatal });
}

function makeContext({ deadline, context }) {
  const made = {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - realNow()),
  };
  if (!callbacks) return made;
  made.done = (error, result) => (error ? fail(error) : succeed(result));
  made.succeed = succeed;
  made.fail = fail;
  return made;
}

function run(handler, message) {
  current = { pendingPromise: false };
  offset = message.offset;
  // From here on only the handler's own work keeps the thread alive: `beforeExit` tells when there is none left.
  parentPort.unref();
  try {
    const callback = (error, result) => (error !== null && error !== undefined ? fail(error) : succeed(result));
    const event = JSON.parse(message.payload);
    const result = handler(event, makeContext(message), ...(callbacks ? [callback] : []));
    if (typeof result?.then === 'function') {
      if (current !== undefined) current.pendingPromise = true;
      result.then(succeed, (error) => fail(error));
    } else if (!callbacks) {
      succeed(result);
    }
  } catch (error) {
    fail(error);
  }
}

process.on('beforeExit', () => {
  if (current === undefined) return;
  if (!current.pendingPromise) return succeed(null);
  const message =
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';
  fail(failure('Runtime.NodeJsExit', message), true);
});

process.on('uncaughtException', (error) => fail(error, true));
process.on('unhandledRejection', (reason) => {
  const error = failure('Runtime.UnhandledPromiseRejection', reason?.toString());
  if (reason?.stack) error.stack = reason.stack;
  fail(error, true);
});

async function main() {
  installClock();
  installOutput();
  installHostPrefix();
  installNodePath();
  process.cwd = () => taskRoot;
  process.setSourceMapsEnabled(workerData.sourceMaps);
  offset = workerData.offset;
  const handler = await loadHandler();
  parentPort.on('message', (message) => run(handler, message));
  post({ type: 'ready' });
}

main().catch((error) => post({ type: 'init-failed', error: renderError(error) }));
