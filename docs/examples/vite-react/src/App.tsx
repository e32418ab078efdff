import { useEffect, useState } from "react";
import { savePdf, Thumbnail } from "./content";
import { graphql } from "./gql";
import type { CardsQuery, TableQuery } from "./gql/graphql";
import { query } from "./query";
import { signIn, signOut } from "./session";

const cardsDocument = graphql(`
  query Cards {
    viewer { username }
    site {
      workbooks(first: 12, orderBy: [{field: NAME}]) {
        nodes { id name owner { fullName } defaultView { id name thumbnail { url } } }
      }
    }
  }
`);

const tableDocument = graphql(`
  query Table($id: ID!) {
    node(id: $id) { ... on View { id name data(first: 20) { columns { name } rows } } }
  }
`);

type Shown = Extract<NonNullable<TableQuery["node"]>, { data?: unknown }>;

export function App({ signedIn }: { signedIn: boolean }) {
  const [cards, setCards] = useState<CardsQuery>();
  const [shown, setShown] = useState<Shown>();
  const [problem, setProblem] = useState("");
  const attempt = (action: () => Promise<unknown>) => {
    setProblem("");
    action().catch((error: Error) => setProblem(error.message));
  };
  useEffect(() => {
    if (signedIn) attempt(async () => setCards(await query(cardsDocument, {})));
  }, [signedIn]);
  const show = async (id: string) => {
    const { node } = await query(tableDocument, { id });
    if (node && "data" in node) setShown(node);
  };

  return (
    <>
      <h1>Workbooks</h1>
      <p>
        {signedIn ? <button onClick={() => attempt(signOut)}>Sign out</button> : <button onClick={() => attempt(signIn)}>Sign in</button>}{" "}
        <span>{cards?.viewer.username}</span>
      </p>
      <p role="alert">{problem}</p>
      <ul>
        {cards?.site?.workbooks?.nodes?.map(
          (workbook) =>
            workbook?.defaultView && (
              <li key={workbook.id}>
                <Thumbnail id={workbook.defaultView.id} name={workbook.name} url={workbook.defaultView.thumbnail?.url} />
                <button onClick={() => attempt(() => show(workbook.defaultView!.id))}>{workbook.name}</button> {workbook.owner?.fullName}
              </li>
            ),
        )}
      </ul>
      {shown && <View view={shown} save={() => attempt(() => savePdf(shown.id))} />}
    </>
  );
}

function View({ view, save }: { view: Shown; save: () => void }) {
  const columns = view.data?.columns ?? [];
  return (
    <section>
      <h2>{view.name}</h2>
      <p>
        <button onClick={save}>Save as PDF</button>
      </p>
      <table>
        <thead>
          <tr>{columns.map((column) => <th key={column.name}>{column.name}</th>)}</tr>
        </thead>
        <tbody>
          {view.data?.rows.map((row, index) => (
            <tr key={index}>{row.map((text, column) => <td key={column}>{text}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
