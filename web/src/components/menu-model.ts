import type { ReactNode } from 'react';

interface ItemBase {
  readonly label: string;
  readonly hint?: string | undefined;
}

export type MenuItem =
  | (ItemBase & { readonly kind: 'choice'; readonly checked: boolean; readonly onSelect: () => void })
  | (ItemBase & { readonly kind: 'action'; readonly icon?: ReactNode; readonly onSelect: () => void })
  | (ItemBase & { readonly kind: 'page'; readonly icon?: ReactNode; readonly page: string });

export interface MenuPage {
  /** Only pages below the first have one; it is the way back. */
  readonly title?: string;
  readonly items: readonly MenuItem[];
}

/** Pages by name; a menu opens on "root". */
export type MenuPages = Readonly<Record<string, MenuPage>>;
