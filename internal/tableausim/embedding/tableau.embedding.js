// A stand-in for Tableau's Embedding API v3: the elements that show a view, a view to edit, and a
// metric. Each opens a frame at its src and hands the token to it, and to nobody else.
class Frame extends HTMLElement {
  static observedAttributes = ["src", "token"];

  connectedCallback() {
    this.listen = (event) => this.heard(event);
    addEventListener("message", this.listen);
    this.load();
  }

  disconnectedCallback() {
    removeEventListener("message", this.listen);
    this.frame?.remove();
    this.frame = undefined;
  }

  attributeChangedCallback() {
    if (this.frame) this.load();
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(value) {
    this.setAttribute("src", value);
  }

  get token() {
    return this.getAttribute("token") ?? "";
  }

  set token(value) {
    this.setAttribute("token", value);
  }

  load() {
    this.frame?.remove();
    this.frame = undefined;
    let address;
    try {
      address = new URL(this.src, document.baseURI);
    } catch {
      return this.fail("src is no address");
    }
    if (address.hash !== "" || address.pathname.includes("/sheets/")) {
      return this.fail("src is not the address for embedding");
    }
    this.origin = address.origin;
    this.frame = document.createElement("iframe");
    this.frame.title = "Data Visualization";
    this.frame.width = this.getAttribute("width") ?? "800";
    this.frame.height = this.getAttribute("height") ?? "600";
    this.frame.src = address.href;
    this.append(this.frame);
  }

  heard(event) {
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== this.origin) return;
    switch (event.data?.state) {
      case "waiting":
        this.frame.contentWindow.postMessage({ token: this.token }, this.origin);
        break;
      case "shown":
        this.dispatchEvent(new CustomEvent("firstinteractive", { bubbles: true, detail: event.data }));
        break;
      case "failed":
        this.fail(event.data.message);
    }
  }

  fail(message) {
    const detail = { message: JSON.stringify({ errorMessage: message }) };
    this.dispatchEvent(new CustomEvent("vizloaderror", { bubbles: true, detail }));
  }
}

for (const name of ["tableau-viz", "tableau-authoring-viz", "tableau-pulse"]) {
  if (!customElements.get(name)) customElements.define(name, class extends Frame {});
}
export const TableauViz = customElements.get("tableau-viz");
export const TableauAuthoringViz = customElements.get("tableau-authoring-viz");
export const TableauPulse = customElements.get("tableau-pulse");
