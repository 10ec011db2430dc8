import { effect, signal } from '@preact/signals';

const KEY = 'studio.theme';

type Theme = 'light' | 'dark';

const system: Theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
const stored = localStorage.getItem(KEY);

export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : system);

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, theme.value);
}
