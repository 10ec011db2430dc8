import type { Ref } from './reference.js';

/** What a mapping callback receives: the flow's input and the results of the steps so far, each a typed reference. */
export type FlowScope<I, V> = { readonly input: Ref<I> } & { readonly [Name in keyof V]: Ref<V[Name]> };

/** Results that may be missing, because the step that gives them may have failed or never run. They read as null then. */
export type Partially<V> = { readonly [Name in keyof V]: V[Name] | null };
