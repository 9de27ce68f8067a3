interface LogoProps {
  readonly className?: string;
}

/** The K whose upper arm is a beam leaving a lamp. Decorative: its link or heading carries the name. */
export function Mark({ className }: LogoProps) {
  return (
    <svg viewBox="6 6 38 36" className={className} aria-hidden="true">
      <path fill="currentColor" d="M10 9h8v30h-8zm12.500 19.500 5-5.500L40 39h-9.500z" />
      <path className="fill-brand" d="m22 19 9.500-10H41L26.500 25z" />
      <circle className="fill-brand" cx="22.500" cy="23.500" r="5.500" />
    </svg>
  );
}

/** "klieg" in letters of our own; the dot of the i is a lamp with a short beam. */
export function Wordmark({ className }: LogoProps) {
  return (
    <svg viewBox="0 0 178 78" className={className} aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="12">
        <path d="M8 4v56M9 41l27-21M17 35l20 25M53 4v56M75 22v38M94.500 41H123a14.500 15 0 1 0-4.500 12M164 22v36a14.500 13.500 0 0 1-28 4" />
        <circle cx="149.500" cy="40.500" r="14.500" />
      </g>
      <path className="fill-brand opacity-60" d="M78 4.500 98 0v15L78 12.500z" />
      <circle className="fill-brand" cx="75" cy="8.500" r="7.500" />
    </svg>
  );
}
