import type { ReactNode } from 'react';

interface IllustrationProps {
  readonly className?: string;
}

/** A stage lamp that hangs from a bar; what it does is drawn on top. */
function Lamp({ className = 'w-44', children }: IllustrationProps & { readonly children?: ReactNode }) {
  return (
    <svg
      viewBox="0 0 176 128"
      className={className}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.500"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M14 12h148M14 18h148" />
      <path d="M58 8h16v14H58zM66 22v14" />
      <path d="M44 66V50a22 14 0 0 1 44 0v16" />
      <g transform="rotate(14 66 68)">
        <path d="M38 50h46l12-7v50l-12-7H38a8 8 0 0 1-8-8V58a8 8 0 0 1 8-8z" />
        <path d="M84 50v36M44 58v20M52 58v20M60 58v20" />
        <path d="m96 43 14-12M96 93l14 12" />
        <circle cx="66" cy="68" r="3" fill="currentColor" />
        {children}
      </g>
    </svg>
  );
}

export function LampOff(props: IllustrationProps) {
  return (
    <Lamp {...props}>
      <path d="m112 48 34-8M113 68h36M112 88l34 8" strokeDasharray="1 8" className="opacity-60" />
    </Lamp>
  );
}

export function SearchingBeam(props: IllustrationProps) {
  return (
    <Lamp {...props}>
      <path d="M98 45 158 26v84L98 91z" className="fill-brand opacity-25" stroke="none" />
      <path d="M98 45 158 26M98 91l60 19" className="stroke-brand" />
      <ellipse cx="146" cy="68" rx="9" ry="26" strokeDasharray="4 6" />
    </Lamp>
  );
}

export function BrokenLamp(props: IllustrationProps) {
  return (
    <Lamp {...props}>
      <path d="m96 46-7 9 9 6-8 9 8 7-5 8" />
      <path d="m112 58 8-5M114 68h10M112 78l8 5M130 46l5-4M132 90l5 4" className="stroke-brand" />
    </Lamp>
  );
}
