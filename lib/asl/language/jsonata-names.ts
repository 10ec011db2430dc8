/** The functions that a JSONata expression can call: those of JSONata 2.0.6 but `$eval`, and those that Step Functions adds. */
export const JSONATA_FUNCTIONS: ReadonlySet<string> = new Set(
  `string length substring substringBefore substringAfter uppercase lowercase trim pad contains split join match replace base64encode base64decode encodeUrlComponent
  encodeUrl decodeUrlComponent decodeUrl number abs floor ceil round power sqrt random formatNumber formatBase formatInteger parseInteger sum max min average boolean not exists
  count append sort reverse shuffle distinct zip keys lookup spread merge sift each error assert type now millis fromMillis toMillis map filter single reduce clone
  partition range hash uuid parse`.split(/\s+/),
);
