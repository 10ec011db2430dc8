import { createHash } from 'node:crypto';
import type { ServiceResponse } from '../cloud/service.js';
import { type Assets, loadAssets } from './assets.js';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Headers of everything that Studio answers. */
export const GUARDED_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** The page itself: a frame for the script, and the token that its writes need. */
export async function renderStudioPage(token: string): Promise<ServiceResponse> {
  const hash = hashOf(await loadAssets());
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="studio-token" content="${token}">
<title>Studio · durable-steps</title>
<link rel="icon" href="/studio/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/studio/assets/studio.css?${hash}">
<script type="module" src="/studio/assets/studio.js?${hash}"></script>
</head>
<body><div id="studio"></div><noscript>Studio needs JavaScript.</noscript></body>
</html>
`;
  return { status: 200, headers: { ...GUARDED_HEADERS, 'content-type': 'text/html; charset=utf-8' }, body };
}

/** A file of the page; undefined for a name that there isn't. */
export async function renderAsset(
  name: string | undefined,
  query: URLSearchParams,
): Promise<ServiceResponse | undefined> {
  if (name === 'icon.svg') return file(ICON, 'image/svg+xml', true);
  const assets = await loadAssets();
  const isHashed = [...query.keys()][0] === hashOf(assets);
  if (name === 'studio.js') return file(assets.script, 'text/javascript; charset=utf-8', isHashed);
  if (name === 'studio.css') return file(assets.style, 'text/css; charset=utf-8', isHashed);
  return undefined;
}

function file(body: string, type: string, isHashed: boolean): ServiceResponse {
  const cache = isHashed ? { 'cache-control': 'public, max-age=31536000, immutable' } : {};
  return { status: 200, headers: { ...GUARDED_HEADERS, ...cache, 'content-type': type }, body };
}

function hashOf({ script, style }: Assets): string {
  return createHash('sha256').update(script).update(style).digest('hex').slice(0, 12);
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4f46e5"/><path d="M9 22h5v-6h5v-6h5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
