// A picture that keeps its place: the frame has its size before the picture comes, and loads it when it is near the window.
import { useRef, useState } from "react";
import { ThumbnailDocument } from "../../gql/graphql";
import { useAskOnce } from "../role";
import { Icon } from "./icons";

/** Thumbnail shows the picture of a workbook or view. Its address works for some minutes: when it has expired, a new one is asked for, once until it loads. */
export function Thumbnail({ id, src }: { id: string; src: string | undefined }) {
  const askOnce = useAskOnce();
  const [fresh, setFresh] = useState<{ of: string | undefined; src: string }>();
  const [loaded, setLoaded] = useState<string>();
  const [failed, setFailed] = useState<string>();
  const again = useRef(true);
  const shown = fresh?.of === src ? fresh?.src : src;

  const refresh = async () => {
    if (!again.current) {
      setFailed(shown);
      return;
    }
    again.current = false;
    try {
      const { node } = await askOnce(ThumbnailDocument, { id });
      const url = node && "thumbnail" in node ? node.thumbnail?.url : undefined;
      if (url) setFresh({ of: src, src: `${url}#${Date.now()}` });
      else setFailed(shown);
    } catch {
      setFailed(shown);
    }
  };

  const missing = !shown || failed === shown;
  return (
    <span className={loaded === shown || missing ? "thumbnail" : "thumbnail skeleton"}>
      {missing ? (
        <Icon name="chart" />
      ) : (
        <img
          key={shown}
          src={shown}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => {
            again.current = true;
            setLoaded(shown);
          }}
          onError={() => void refresh()}
        />
      )}
    </span>
  );
}
