// The page in the frame: it waits for the token, redeems it once, and shows who is signed in.
let used = false;
addEventListener("message", async (event) => {
  if (event.source !== parent || used || typeof event.data?.token !== "string") return;
  used = true;
  const answer = await fetch(location.pathname, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jwt: event.data.token, parent: event.origin }),
  });
  const said = await answer.json();
  const title = document.querySelector("h1");
  const who = document.querySelector("p");
  if (!answer.ok) {
    title.textContent = "Tableau could not show this view";
    who.textContent = said.message;
    document.body.dataset.error = said.message;
    parent.postMessage({ state: "failed", message: said.message }, event.origin);
    return;
  }
  title.textContent = said.title;
  who.textContent = `Signed in as ${said.fullName} (${said.user})`;
  Object.assign(document.body.dataset, { user: said.user, site: said.site, view: said.view, scopes: said.scopes.join(" ") });
  if (said.image) {
    const image = new Image();
    image.alt = said.title;
    image.width = Math.max(280, innerWidth - 20);
    image.src = `data:image/png;base64,${said.image}`;
    document.body.append(image);
    await image.decode();
  }
  parent.postMessage({ state: "shown", user: said.user, view: said.view }, event.origin);
});
parent.postMessage({ state: "waiting" }, "*");
