import { lazy, Suspense, useState } from 'react';
import { Keyboard, Menu as MenuIcon, SunMoon } from 'lucide-react';
import { MenuButton } from '@/components/menu-button';
import type { MenuItem, MenuPages } from '@/components/menu-model';
import { t } from '@/lib/i18n/t';
import { useStored } from '@/lib/storage/use-stored';
import { themeChoices, themeSetting, type ThemeChoice } from '@/lib/theme/theme';
import { changeUiSettings, uiSettings } from '@/lib/ui-settings/ui-settings';

const ShortcutList = lazy(async () => ({ default: (await import('@/components/shortcut-list')).ShortcutList }));

function themeName(choice: ThemeChoice): string {
  const names = { system: t('app.themeSystem'), dark: t('app.themeDark'), light: t('app.themeLight') };
  return names[choice];
}

function useMenuPages(onShortcuts: () => void): MenuPages {
  const { choice } = useStored(themeSetting);
  const { shortcuts } = useStored(uiSettings);
  const themes = themeChoices.map<MenuItem>((item) => ({
    kind: 'choice',
    label: themeName(item),
    checked: item === choice,
    onSelect: () => {
      themeSetting.set({ choice: item });
    },
  }));
  return {
    root: {
      items: [
        {
          kind: 'page',
          page: 'theme',
          icon: <SunMoon size={20} aria-hidden="true" />,
          label: t('app.theme'),
          hint: themeName(choice),
        },
        {
          kind: 'action',
          icon: <Keyboard size={20} aria-hidden="true" />,
          label: t('app.shortcuts'),
          onSelect: onShortcuts,
        },
        {
          kind: 'choice',
          label: t('app.shortcutsOn'),
          checked: shortcuts,
          onSelect: () => {
            changeUiSettings({ shortcuts: !shortcuts });
          },
        },
      ],
    },
    theme: { title: t('app.theme'), items: themes },
  };
}

interface ShellMenuProps {
  readonly sheet: boolean;
  readonly className?: string;
}

/** What the shell offers besides its destinations; accounts will live here. */
export function ShellMenu({ sheet, className = '' }: ShellMenuProps) {
  const [listOpen, setListOpen] = useState(false);
  const pages = useMenuPages(() => {
    setListOpen(true);
  });
  return (
    <>
      <MenuButton
        label={t('app.menu')}
        icon={<MenuIcon size={24} />}
        pages={pages}
        side={sheet ? 'top' : 'right'}
        sheet={sheet}
        tip={sheet ? 'none' : 'side'}
        className={className}
      />
      {listOpen ? (
        <Suspense>
          <ShortcutList
            onClose={() => {
              setListOpen(false);
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
