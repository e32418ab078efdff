// The picture of a view. It follows the width of the window, in steps, and the old one stays until the new one is there.
import { useEffect, useRef, useState } from "react";
import { ViewImageDocument, type ViewOptions } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { ProblemNotice, type Problem } from "../problems";
import { useAsk } from "../role";
import { refusal } from "./files";

const step = 160;

interface Size {
  width: number;
  height: number;
}

// sizeOf is the picture for a frame, as high as the window at most: whole steps, so that dragging the edge of a window does not
// ask for each pixel. The style of .picture has the same numbers.
function sizeOf(frame: number): Size {
  const width = Math.min(frame, Math.max(480, (window.innerHeight - 330) * 1.6));
  const rounded = Math.max(320, Math.ceil(width / step) * step);
  return { width: rounded, height: Math.round(rounded * 0.625) };
}

export function Picture({ id, name, options }: { id: string; name: string; options: ViewOptions | null }) {
  const text = useText();
  const { frame, size } = useFrame();
  const { data, problem, again } = useAsk(ViewImageDocument, { id, size: size ?? null, options }, { pause: !size });
  const link = data?.node && "image" in data.node ? data.node.image?.url : undefined;
  const [shown, setShown] = useState<string>();
  const [refused, setRefused] = useState<{ link: string; problem: Problem }>();
  const retried = useRef(false);

  const onError = async () => {
    if (!link) return;
    if (!retried.current) {
      retried.current = true; // most likely the address has expired
      again();
      return;
    }
    const response = await fetch(link, { credentials: "omit", headers: { Accept: "application/json" } }).catch(() => undefined);
    const code = !response ? "UNREACHABLE" : response.ok ? "TABLEAU_UNAVAILABLE" : (await refusal(response)).code;
    setRefused({ link, problem: { code, path: [] } });
  };
  const wrong = problem && !link ? problem : refused?.link === link ? refused?.problem : undefined;
  const retry = () => {
    retried.current = false;
    setRefused(undefined);
    again();
  };
  const pending = !wrong && (!link || shown !== link);
  return (
    <div ref={frame} className="picture" aria-busy={pending}>
      {wrong && <ProblemNotice problem={wrong} again={retry} />}
      {!wrong && shown && shown !== link && <img className="picture-image old" src={shown} alt="" />}
      {!wrong && !shown && <div className="picture-frame skeleton" />}
      {!wrong && link && (
        <img
          key={link}
          className={shown === link ? "picture-image" : "picture-image coming"}
          src={link}
          alt={text.pictureOf(name)}
          onLoad={() => {
            retried.current = false;
            setShown(link);
          }}
          onError={() => void onError()}
        />
      )}
      <p className="picture-status muted small" role="status">
        {pending ? text.rendering : ""}
      </p>
    </div>
  );
}

// useFrame measures the frame, and its size settles a moment after the last change.
function useFrame() {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      const next = sizeOf(element.clientWidth);
      clearTimeout(timer);
      timer = setTimeout(() => setSize((now) => (now?.width === next.width ? now : next)), 200);
    };
    const observer = new ResizeObserver(changed);
    setSize(sizeOf(element.clientWidth));
    observer.observe(element);
    window.addEventListener("resize", changed);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      window.removeEventListener("resize", changed);
    };
  }, []);
  return { frame, size };
}
