// Makes the addresses in the JSON of a response short and clickable. What is copied from the editor has them in full.
import { useEditorContext } from "@graphiql/react";
import { useEffect } from "react";
import { shortened } from "./tables";

const address = /"(https?:\/\/[^"\\\s]+)"/g;

// A response of many lines is left as it is: marks take time, and nobody clicks through thousands of links.
const mostLines = 20_000;
const mostMarks = 2000;

/** useResponseLinks marks the addresses of each response that GraphiQL shows. */
export function useResponseLinks(): void {
  const { responseEditor } = useEditorContext({ nonNull: true });
  useEffect(() => {
    if (!responseEditor) return;
    const mark = () => {
      if (responseEditor.lineCount() > mostLines) return;
      let marks = 0;
      responseEditor.eachLine((line) => {
        for (const found of line.text.matchAll(address)) {
          const number = responseEditor.getLineNumber(line);
          if (number === null || found[1] === undefined || ++marks > mostMarks) return;
          const from = found.index + 1;
          const replacedWith = linkTo(found[1]);
          responseEditor.markText({ line: number, ch: from }, { line: number, ch: from + found[1].length }, { replacedWith, handleMouseEvents: true });
        }
      });
    };
    responseEditor.on("change", mark);
    mark();
    return () => responseEditor.off("change", mark);
  }, [responseEditor]);
}

function linkTo(url: string): HTMLElement {
  const link = document.createElement("a");
  link.className = "response-link";
  link.href = url;
  link.target = "_blank";
  link.rel = "noreferrer";
  link.title = url;
  link.textContent = shortened(url);
  return link;
}
