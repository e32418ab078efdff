// The mark of Vitrine.
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path className="glass" d="M7 24V10.5L10.5 7h11L25 10.5V24M5.5 25h21" />
      <path className="bars" d="M12 20.5v-4M16 20.5V12M20 20.5v-6" />
    </svg>
  );
}
