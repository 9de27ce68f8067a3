interface AvatarProps {
  readonly name: string;
  readonly className?: string;
}

/** The initial on the channel's colour; it stands beside the name, so it says nothing itself. */
export function Avatar({ name, className = 'size-11 text-h3' }: AvatarProps) {
  // Names are ASCII (letters, digits, dot, underscore).
  const initial = name.charAt(0).toUpperCase();
  return (
    <span
      aria-hidden="true"
      className={`inline-flex shrink-0 items-center justify-center rounded-full bg-profile font-bold text-on-profile ${className}`}
    >
      {initial}
    </span>
  );
}
