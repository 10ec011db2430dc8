export function buildStudio(sources?: string): Promise<{ readonly script: string; readonly style: string }>;
