import type { ReactNode } from 'react';
import * as Radix from '@radix-ui/react-dialog';
import { X } from 'lucide-react';
import { IconButton } from '@/components/button';
import { t } from '@/lib/i18n/t';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly container?: HTMLElement | null;
  readonly children: ReactNode;
}

/** Modal; a panel that fills the screen where it is compact. Mounted means open. */
export function Dialog({ title, onClose, container, children }: DialogProps) {
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Portal container={container ?? null}>
        <Radix.Overlay className="fixed inset-0 z-70 animate-[appear_150ms] bg-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed inset-0 z-70 m-auto flex h-fit max-h-[85dvh] w-[min(560px,calc(100%-32px))] animate-[rise_150ms] flex-col rounded-card bg-s1 text-text shadow-menu compact:h-dvh compact:max-h-dvh compact:w-full compact:rounded-none"
        >
          <div className="flex items-center justify-between gap-4 p-6 pb-2 ps-8 compact:flex-row-reverse compact:justify-end compact:ps-4">
            <Radix.Title className="text-h2">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t('app.close')} icon={<X size={24} />} tip="none" />
            </Radix.Close>
          </div>
          <div className="overflow-y-auto px-8 pb-8 compact:px-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
