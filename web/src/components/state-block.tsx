import type { ReactNode } from 'react';

interface StateBlockProps {
  readonly illustration: ReactNode;
  readonly title: string;
  /** `h1` where the block is the page. */
  readonly level?: 'h1' | 'h2';
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** A picture, one heading, one sentence, one button: for what is empty, missing or broken. */
export function StateBlock({ illustration, title, level: Heading = 'h2', children, action }: StateBlockProps) {
  return (
    <div className="flex max-w-md animate-[appear_200ms] flex-col items-center gap-3 px-6 py-8 text-center">
      <div className="text-text-3">{illustration}</div>
      <Heading tabIndex={-1} className="text-h2 break-words text-text">
        {title}
      </Heading>
      {children ? <div className="text-text-2">{children}</div> : null}
      {action ? <div className="pt-2">{action}</div> : null}
    </div>
  );
}
