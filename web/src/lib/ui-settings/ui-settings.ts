import { createStored, isRecord } from '@/lib/storage/storage';

export interface UiSettings {
  /** The rail is hidden on channel pages. */
  readonly theatre: boolean;
  /** Keys without a modifier do things. */
  readonly shortcuts: boolean;
}

export const uiSettings = createStored<UiSettings>('klieg.ui', (value) => ({
  theatre: isRecord(value) && value.theatre === true,
  shortcuts: !isRecord(value) || value.shortcuts !== false,
}));

export function changeUiSettings(change: Partial<UiSettings>): void {
  uiSettings.set({ ...uiSettings.get(), ...change });
}
