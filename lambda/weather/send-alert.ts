/** Tells somebody that the sky is clear: here it only says so. */
export const handler = async ({
  city,
  phone,
}: {
  readonly city: string;
  readonly phone: string;
}): Promise<{ readonly sentTo: string; readonly text: string }> => {
  const text = `The sky over ${city} is clear.`;
  console.log(`weather alert to ${phone}: ${text}`);
  return { sentTo: phone, text };
};
