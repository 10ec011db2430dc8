/** Greets a city. */
export const handler = async (city: string): Promise<string> => `Hello ${city}!`;
