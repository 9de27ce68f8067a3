import type { ReactNode, Ref } from 'react';

interface StageFrameProps {
  readonly ref?: Ref<HTMLDivElement>;
  /** Over the picture on wide screens, below it on narrow ones. */
  readonly header: ReactNode;
  readonly headerHidden: boolean;
  readonly profile: string;
  readonly children: ReactNode;
}

/**
 * The place of the picture on a channel page: fills its column beside the rail, or is a 16:9 box that stays on top of
 * a page that scrolls. Full screen takes this element, so that the header and every overlay come along.
 */
export function StageFrame({ ref, header, headerHidden, profile, children }: StageFrameProps) {
  return (
    <div ref={ref} data-profile={profile} className="stage" data-header={headerHidden ? 'hidden' : 'shown'}>
      <div className="stage-picture on-video">{children}</div>
      {header}
    </div>
  );
}
