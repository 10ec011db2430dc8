/** The member of an execution's input by which the execution before handed over to it: `{ durableStepsContinued: { input, carried } }`. */
export const CONTINUED_INPUT = 'durableStepsContinued';

/** The input that an instance was started with, where an execution's input is what the one before handed over. JSON texts. */
export function tryOriginalInput(text: string): string | undefined {
  if (!text.includes(CONTINUED_INPUT)) return undefined;
  const value: unknown = JSON.parse(text);
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const handedOver = value[CONTINUED_INPUT];
  return isObject(handedOver) && 'input' in handedOver ? JSON.stringify(handedOver['input']) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
