export const handler = async ({ id, count }: { id: string; count: number }): Promise<string> =>
  `shipped ${count} of ${id}`;
