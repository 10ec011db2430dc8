import { domainToASCII } from 'node:url';

/** Marks that turn the direction of text, so that it reads as something that it isn't. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text for one line: what would begin another one, move a terminal's cursor or turn the direction is a space. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(DIRECTIONS, '')
    .trim();
}

/** Text of several lines, without anything but its lines and its signs. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?|[\p{Zl}\p{Zp}]/gu, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, ' ')
    .replace(DIRECTIONS, '');
}

/** How an approver is shown: a domain of other letters as it is registered, so that one that looks like another shows that it isn't. */
export function showApprover(name: string): string {
  const at = name.lastIndexOf('@');
  const domain = name.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
  const isPlain = at < 0 || /^[\x00-\x7f]*$/.test(domain);
  return isPlain ? name : `${name.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}
