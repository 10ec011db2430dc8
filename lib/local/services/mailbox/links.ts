import { tryOwn } from '../../../asl/language/json.js';
/** The web addresses in a mail, each once: those of the HTML's `href`s first, then those that stand in the text. */
export function findLinks({ text, html }: { readonly text?: string; readonly html?: string }): readonly string[] {
  const inHtml = [...(html ?? '').matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(([, double, single]) =>
    unescapeHtml(double ?? single ?? ''),
  );
  const inText = splitLinks(text ?? '').filter((_, index) => index % 2 === 1);
  return [...new Set([...inHtml, ...inText].filter((link) => /^https?:\/\//i.test(link)))];
}

/** Cuts a text at its web addresses: text, address, text, address, …, text. */
export function splitLinks(text: string): readonly string[] {
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/gi)) {
    // What ends a sentence doesn't belong to the address.
    const link = match[0].replace(/[.,;:!?)\]]+$/, '');
    parts.push(text.slice(end, match.index), link);
    end = match.index + link.length;
  }
  return [...parts, text.slice(end)];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (entity, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    return tryOwn(ENTITIES, name) ?? (name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : entity);
  });
}
