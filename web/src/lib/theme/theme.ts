import { createStored, isRecord } from '@/lib/storage/storage';

export const themeChoices = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

interface ThemeSetting {
  readonly choice: ThemeChoice;
}

export const themeSetting = createStored<ThemeSetting>('klieg.theme', (value) => {
  const choice = isRecord(value) ? themeChoices.find((known) => known === value.choice) : undefined;
  return { choice: choice ?? 'system' };
});

export function resolveTheme(choice: ThemeChoice, systemIsLight: boolean): 'light' | 'dark' {
  if (choice !== 'system') return choice;
  return systemIsLight ? 'light' : 'dark';
}

/** Keeps `data-theme` and the browser's bar in step with the setting and the system. Returns its undoing. */
export function applyTheme(): () => void {
  const system = window.matchMedia('(prefers-color-scheme: light)');
  const apply = () => {
    const root = document.documentElement;
    root.dataset.theme = resolveTheme(themeSetting.get().choice, system.matches);
    const page = getComputedStyle(root).getPropertyValue('--page').trim();
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', page);
  };
  apply();
  system.addEventListener('change', apply);
  const unsubscribe = themeSetting.subscribe(apply);
  return () => {
    system.removeEventListener('change', apply);
    unsubscribe();
  };
}
