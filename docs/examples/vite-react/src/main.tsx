import { createRoot } from "react-dom/client";
import { App } from "./App";
import { start } from "./session";
import "./style.css";

const user = await start();
createRoot(document.getElementById("root")!).render(<App signedIn={user !== null} />);
