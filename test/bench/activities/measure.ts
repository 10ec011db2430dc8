/** One item of the fan-out's bench: 1 % fail, and the results of all exceed 256 KiB. */
export const handler = async (item: number): Promise<{ readonly item: number; readonly text: string }> => {
  if (item % 100 === 77) throw Object.assign(new Error(`${item} is unlucky`), { name: 'Unlucky' });
  return { item, text: 'x'.repeat(100) };
};
