export function Spinner({ className = 'size-12' }: { readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 48 48"
      className={`spinner animate-spin ${className}`}
      aria-hidden="true"
      fill="none"
      strokeWidth="4"
    >
      <circle cx="24" cy="24" r="20" className="stroke-current opacity-25" />
      <path d="M24 4a20 20 0 0 1 20 20" className="stroke-current" strokeLinecap="round" />
    </svg>
  );
}
