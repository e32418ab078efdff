// The heading of a page. After a navigation it takes the focus, so that a screen reader says where one is.
import { useEffect, useRef, type ReactNode } from "react";

let navigations = 0;
let goingBack = false;
window.addEventListener("popstate", () => (goingBack = true));

export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (navigations++ > 0) {
      heading.current?.focus({ preventScroll: true });
      if (!goingBack) window.scrollTo(0, 0);
    }
    goingBack = false;
  }, []);
  useEffect(() => {
    document.title = title ? `${title} · Vitrine` : "Vitrine";
  }, [title]);
  return (
    <div className="page-head">
      <h1 tabIndex={-1} ref={heading}>
        {title || <span className="skeleton line title-line" />}
      </h1>
      {children}
    </div>
  );
}
