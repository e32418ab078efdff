// Filters and parameters of a view. Tableau does not list them: the fields and values come from the view's own data.
import * as Dialog from "@radix-ui/react-dialog";
import { useMemo, useState, type ReactNode } from "react";
import { ViewRowsDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { Icon } from "../parts/icons";
import { ProblemNotice } from "../problems";
import { useAsk, useHas } from "../role";
import { pageOf } from "./data";
import type { ViewState } from "./state";

interface FilterProps {
  id: string;
  state: ViewState;
  onChange: (state: ViewState) => void;
}

export function Filters({ id, state, onChange }: FilterProps) {
  const text = useText();
  const has = useHas();
  const { filters, parameters } = state;
  const any = filters.length + parameters.length > 0;
  return (
    <div className="filters" role="group" aria-label={text.filters}>
      {has("View", "data") && <AddFilter id={id} state={state} onChange={onChange} />}
      <AddParameter id={id} state={state} onChange={onChange} />
      {filters.map(({ field, values }) => (
        <Chip key={`f.${field}`} name={field} value={values.join(", ")} onRemove={() => onChange({ ...state, filters: filters.filter((f) => f.field !== field) })} />
      ))}
      {parameters.map(({ name, value }) => (
        <Chip key={`p.${name}`} name={name} value={value} onRemove={() => onChange({ ...state, parameters: parameters.filter((p) => p.name !== name) })} />
      ))}
      {any && (
        <button type="button" className="button plain" onClick={() => onChange({ filters: [], parameters: [] })}>
          {text.clearAll}
        </button>
      )}
    </div>
  );
}

function Chip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  const text = useText();
  return (
    <span className="chip set">
      <span className="cut">
        {name}: <strong>{value}</strong>
      </span>
      <button type="button" aria-label={text.removeFilter(name)} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

function Panel({ label, help, children }: { label: string; help: string; children: (close: () => void) => ReactNode }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="button">
        <Icon name="plus" />
        {label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog v-layer">
          <Dialog.Title>{label}</Dialog.Title>
          <Dialog.Close className="button plain icon dialog-close" aria-label={text.close}>
            <Icon name="close" />
          </Dialog.Close>
          <Dialog.Description className="muted">{help}</Dialog.Description>
          {children(() => setOpen(false))}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function AddFilter(props: FilterProps) {
  const text = useText();
  return (
    <Panel label={text.addFilter} help={text.filterHelp}>
      {(close) => <FilterForm {...props} close={close} />}
    </Panel>
  );
}

function FilterForm({ id, state, onChange, close }: FilterProps & { close: () => void }) {
  const text = useText();
  // Without the filters that are set, or their other values could not be chosen.
  const { data, problem, again } = useAsk(ViewRowsDocument, { id, options: null, after: null });
  const page = pageOf(data);
  const fields = useMemo(() => page?.columns.filter((c) => !c.isNumeric) ?? [], [page]);
  const [field, setField] = useState<string>();
  const chosen = fields.find((c) => c.name === field) ?? fields[0];
  if (problem && !page) return <ProblemNotice problem={problem} again={again} />;
  if (!page) return <p role="status">{text.loading}</p>;
  if (!chosen) return <p>{text.noFields}</p>;
  return (
    <>
      <label className="stacked">
        {text.field}
        <select className="field" value={chosen.name} onChange={(event) => setField(event.target.value)}>
          {fields.map((c) => (
            <option key={c.index}>{c.name}</option>
          ))}
        </select>
      </label>
      <Values
        key={chosen.name}
        values={[...new Set(chosen.values)].sort()}
        initial={state.filters.find((f) => f.field === chosen.name)?.values ?? []}
        onApply={(values) => {
          const others = state.filters.filter((f) => f.field !== chosen.name);
          onChange({ ...state, filters: values.length > 0 ? [...others, { field: chosen.name, values }] : others });
          close();
        }}
      />
    </>
  );
}

function Values({ values, initial, onApply }: { values: string[]; initial: string[]; onApply: (values: string[]) => void }) {
  const text = useText();
  const [chosen, setChosen] = useState(new Set(initial));
  const toggle = (value: string) => {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    setChosen(next);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onApply([...chosen]);
      }}
    >
      <fieldset className="values">
        <legend>{text.values}</legend>
        {values.slice(0, 500).map((value) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.has(value)} onChange={() => toggle(value)} />
            {value || "–"}
          </label>
        ))}
      </fieldset>
      <Buttons />
    </form>
  );
}

function Buttons() {
  const text = useText();
  return (
    <p className="dialog-buttons">
      <Dialog.Close className="button">{text.cancel}</Dialog.Close>
      <button type="submit" className="button primary">
        {text.apply}
      </button>
    </p>
  );
}

function textOf(form: FormData, key: string): string {
  const value = form.get(key);
  return typeof value === "string" ? value.trim() : "";
}

function AddParameter({ state, onChange }: FilterProps) {
  const text = useText();
  return (
    <Panel label={text.addParameter} help={text.parameterHelp}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const [name, value] = [textOf(form, "name"), textOf(form, "value")];
            onChange({ ...state, parameters: [...state.parameters.filter((p) => p.name !== name), { name, value }] });
            close();
          }}
        >
          <label className="stacked">
            {text.parameter}
            <input className="field" name="name" required autoComplete="off" />
          </label>
          <label className="stacked">
            {text.value}
            <input className="field" name="value" required autoComplete="off" />
          </label>
          <Buttons />
        </form>
      )}
    </Panel>
  );
}
