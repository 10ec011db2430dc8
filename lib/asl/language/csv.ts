/**
 * Reads CSV text: fields in double quotes may hold delimiters, line ends and doubled quotes. Empty lines are left out, as AWS does. Rows may differ in
 * length.
 */
export function parseCsv(text: string, delimiter: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    if (row.length > 0 || field !== '') rows.push([...row, field]);
    row = [];
    field = '';
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === delimiter) {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r' || text[at + 1] !== '\n') field += char;
  }
  endRow();
  return rows;
}
