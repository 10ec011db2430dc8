/** An activity's function is called `Function` inside: people know it by the activity's path. */
export function functionName(path: string): string {
  return path.replace(/\/Function$/, '');
}
