import type { ComponentProps, ReactNode } from 'react';

const looks = {
  primary: 'bg-primary text-on-primary hover:bg-primary-hover',
  secondary: 'bg-s2 text-text hover:bg-s3',
  video: 'bg-on-video text-video hover:bg-on-video-2',
} as const;

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: keyof typeof looks;
}

const shape =
  'inline-flex min-h-11 min-w-24 items-center justify-center gap-2 rounded-full px-5 text-body font-bold ' +
  'transition-colors disabled:opacity-40';

export function Button({ look = 'primary', className = '', ...rest }: ButtonProps) {
  return <button type="button" className={`${shape} ${looks[look]} ${className}`} {...rest} />;
}

/** The look of a button for what is a link. */
export function buttonClass(look: keyof typeof looks = 'primary'): string {
  return `${shape} ${looks[look]}`;
}

/** Where the name shows on hover and focus; `start` and `end` keep it inside an edge. */
export type Tip = keyof typeof tips;

const tips = {
  above: 'tip tip-above',
  start: 'tip tip-above tip-start',
  end: 'tip tip-above tip-end',
  side: 'tip tip-side',
  none: '',
} as const;

interface IconButtonProps extends ComponentProps<'button'> {
  /** Its accessible name. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly look?: 'page' | 'video';
  readonly tip?: Tip;
}

const iconLooks = { page: 'text-text-2 hover:bg-s2 hover:text-text', video: 'text-on-video hover:bg-video-hover' };

export function IconButton({ label, icon, look = 'page', tip = 'above', className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      className={`relative inline-flex size-11 shrink-0 items-center justify-center rounded-full transition-colors ${tips[tip]} ${iconLooks[look]} ${className}`}
      {...rest}
    >
      {icon}
    </button>
  );
}
