const MAIL_ADDRESS = /^[^\s<>()[\]\\,;:"@\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;

/** Why a text is no mail address of one person, or undefined if it is: no header, no second recipient can hide in it. */
export function refuseAddress(text: string): string | undefined {
  // `=?utf-8?q?…?=` is shown as something else than it says.
  return text.length <= 254 && MAIL_ADDRESS.test(text) && !text.includes('..') && !text.includes('=?')
    ? undefined
    : 'a mail address such as `ann@example.com`';
}

/** Why a text is no name, or undefined if it is. */
export function refuseName(text: string): string | undefined {
  return text.trim() !== '' && text.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(text)
    ? undefined
    : 'a name of 1 to 256 characters, none of them a control character';
}
