// Downloads of a view and its workbook. Each link is asked for at the click, for the filters and parameters of that moment.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { useState } from "react";
import {
  ViewCrosstabDocument,
  ViewCsvDocument,
  ViewPdfDocument,
  WorkbookPdfDocument,
  WorkbookPowerPointDocument,
  type ViewOptions,
} from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { Icon } from "../parts/icons";
import { problemOf, useSentence } from "../problems";
import { useAskOnce, useHas } from "../role";
import { FileProblem, saveFile } from "./files";

type Format = "pdf" | "csv" | "crosstab" | "powerPoint" | "workbookPdf";
type Link = { url: string; fileName: string } | null | undefined;

interface DownloadsProps {
  view?: { id: string; options: ViewOptions | null };
  workbook: string | undefined;
}

export function Downloads({ view, workbook }: DownloadsProps) {
  const text = useText();
  const has = useHas();
  const { status, failed, save } = useSave({ ...(view && { view }), workbook });
  const formats: [Format, boolean][] = [
    ["pdf", view !== undefined && has("View", "pdf")],
    ["csv", view !== undefined && has("View", "csv")],
    ["crosstab", view !== undefined && has("View", "crosstab")],
    ["workbookPdf", view === undefined && has("Workbook", "pdf")],
    ["powerPoint", workbook !== undefined && has("Workbook", "powerPoint")],
  ];
  const offered = formats.filter(([, on]) => on).map(([f]) => f);
  if (offered.length === 0) return null;
  return (
    <>
      <Menu.Root modal={false}>
        <Menu.Trigger className="button">
          <Icon name="save" />
          {text.download}
          <Icon name="down" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Content className="menu v-layer" align="end" sideOffset={6}>
            {offered.map((f) => (
              <Menu.Item key={f} onSelect={() => void save(f)}>
                {text.formats[f]}
              </Menu.Item>
            ))}
          </Menu.Content>
        </Menu.Portal>
      </Menu.Root>
      <p className={failed ? "notice problem download-status" : "muted small download-status"} role="status" data-empty={!status}>
        {status}
      </p>
    </>
  );
}

function useSave({ view, workbook }: DownloadsProps) {
  const text = useText();
  const format = useFormat();
  const sentence = useSentence();
  const askOnce = useAskOnce();
  const [status, setStatus] = useState("");
  const [failed, setFailed] = useState(false);

  const linkTo = async (wanted: Format): Promise<Link> => {
    const ofView = { id: view?.id ?? "", options: view?.options ?? null };
    const ofWorkbook = { id: workbook ?? "" };
    switch (wanted) {
      case "pdf": {
        const { node } = await askOnce(ViewPdfDocument, ofView);
        return node && "pdf" in node ? node.pdf : null;
      }
      case "csv": {
        const { node } = await askOnce(ViewCsvDocument, ofView);
        return node && "csv" in node ? node.csv : null;
      }
      case "crosstab": {
        const { node } = await askOnce(ViewCrosstabDocument, ofView);
        return node && "crosstab" in node ? node.crosstab : null;
      }
      case "workbookPdf": {
        const { node } = await askOnce(WorkbookPdfDocument, ofWorkbook);
        return node && "pdf" in node ? node.pdf : null;
      }
      case "powerPoint": {
        const { node } = await askOnce(WorkbookPowerPointDocument, ofWorkbook);
        return node && "powerPoint" in node ? node.powerPoint : null;
      }
    }
  };

  const save = async (wanted: Format) => {
    const name = text.formats[wanted];
    setFailed(false);
    setStatus(text.preparing(name));
    try {
      const link = await linkTo(wanted);
      if (!link) throw new FileProblem("NOT_FOUND");
      await saveFile(link, (received) => setStatus(text.received(name, format.bytes(received))));
      setStatus(text.saved(link.fileName));
    } catch (reason) {
      const problem = reason instanceof FileProblem ? { code: reason.code, path: [] } : problemOf(reason);
      setFailed(true);
      setStatus(text.notSaved(name, sentence(problem ?? { code: "INTERNAL", path: [] })));
    }
  };
  return { status, failed, save };
}
