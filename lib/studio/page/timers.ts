/** Calls back after so many milliseconds of the machine's. Returns a function that cancels. */
export function later(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
