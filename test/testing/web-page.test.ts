import { type HttpAnswer, WebPage } from '../../lib/testing/index.js';

const FORM = `<html><head><title>Gone</title><style>p{}</style></head><body><h1>Publish &quot;a &amp; b&quot;?</h1>
<form method="post" action="/decide?x=1"><input type="hidden" name="secret" value="s&amp;1"><textarea name="comment"> hi </textarea>
<button name="decision" value="approve">Approve</button></form></body></html>`;

interface Sent {
  readonly url: string;
  readonly body: string;
}

function page(html: string): { readonly page: WebPage; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const answer = (url: string, text: string): HttpAnswer => ({
    url,
    status: 200,
    headers: {},
    body: text,
    text,
    bytes: Buffer.from(text),
  });
  const request = async (url: string, init?: RequestInit) => {
    sent.push({ url, body: String(init?.body ?? '') });
    return answer(url, '<p>Thank you</p>');
  };
  return { page: new WebPage(answer('http://127.0.0.1/page', html), request), sent };
}

test('shows what a person reads', () => {
  expect(page(FORM).page.text).toBe('Publish "a & b"? hi Approve');
  expect(page(FORM).page.hasForm).toBe(true);
});

test('submits a form as a browser does: hidden fields, texts, and the button that was pressed', async () => {
  const { page: form, sent } = page(FORM);
  const next = await form.approve({ comment: 'fine & good' });
  expect(next.text).toBe('Thank you');
  expect(sent).toEqual([
    { url: 'http://127.0.0.1/decide?x=1', body: 'secret=s%261&comment=fine+%26+good&decision=approve' },
  ]);
});

test('a form without an address and method asks the same page', async () => {
  const { page: form, sent } = page('<form><input name="q"></form>');
  await form.submit({ q: 'x' });
  expect(sent).toEqual([{ url: 'http://127.0.0.1/page?q=x', body: '' }]);
});

test('refuses to submit what is not there', async () => {
  await expect(page('<p>Decided already</p>').page.reject()).rejects.toThrow('Decided already');
});
