/** Fans in: how many files the backup has, and how many bytes. */
export const handler = async (
  bytes: readonly number[],
): Promise<{ readonly files: number; readonly bytes: number }> => ({
  files: bytes.length,
  bytes: bytes.reduce((sum, size) => sum + size, 0),
});
