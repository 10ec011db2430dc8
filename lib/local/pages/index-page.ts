import type { ServiceResponse } from '../cloud/service.js';

/** What the page tells. */
export interface IndexContent {
  readonly orchestrations: readonly { readonly id: string; readonly stateMachineArn: string }[];
  listen(): { readonly endpoint: string; readonly apis: Readonly<Record<string, string>>; readonly mailbox: string };
}

/** The page at `/`: what runs here and how to reach it. */
export function renderIndexPage(cloud: IndexContent): ServiceResponse {
  const { endpoint, apis, mailbox } = cloud.listen();
  const items = (entries: readonly (readonly [string, string])[], link: boolean): string =>
    entries
      .map(([name, value]) => {
        const text = escapeHtml(value);
        return `<li>${escapeHtml(name)}: ${link ? `<a href="${text}">${text}</a>` : `<code>${text}</code>`}</li>`;
      })
      .join('\n');
  const machines = cloud.orchestrations.map(({ id, stateMachineArn }) => [id, stateMachineArn] as const);
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>durable-steps: local cloud</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{word-break:break-all}</style>
</head>
<body>
<h1>Local cloud</h1>
<p>AWS clients reach it with <code>AWS_ENDPOINT_URL=${escapeHtml(endpoint)}</code>. <a href="${escapeHtml(mailbox)}">Mailbox</a></p>
<h2>Orchestrations</h2>
<ul>${items(machines, false)}</ul>
<h2>HTTP APIs</h2>
<ul>${items(Object.entries(apis), true)}</ul>
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'cache-control': 'no-store',
    },
    body,
  };
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
