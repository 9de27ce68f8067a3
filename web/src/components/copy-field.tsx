import { useEffect, useState } from 'react';
import { Check, Copy } from 'lucide-react';
import { IconButton } from '@/components/button';
import { announce } from '@/lib/announcer/announcer';
import { t } from '@/lib/i18n/t';

interface CopyFieldProps {
  readonly value: string;
  readonly copyLabel: string;
}

export function CopyField({ value, copyLabel }: CopyFieldProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => {
      setCopied(false);
    }, 2000);
    return () => {
      window.clearTimeout(timer);
    };
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announce(t('app.copied'));
    } catch {
      announce(t('app.copyFailed'), 'assertive');
    }
  };
  return (
    <div className="flex items-center gap-1 rounded-tile bg-s2 ps-4 pe-1">
      <code
        // Long values scroll, so the keyboard has to reach them.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto py-3 font-mono text-small whitespace-nowrap select-all"
      >
        {value}
      </code>
      <IconButton
        label={copyLabel}
        tip="end"
        icon={copied ? <Check size={20} className="text-ok" /> : <Copy size={20} />}
        onClick={() => void copy()}
      />
    </div>
  );
}
