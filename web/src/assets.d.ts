// Style sheets are imported for their effect on the page.
declare module "*.css";

// A document as its text.
declare module "*.graphql" {
  const text: string;
  export default text;
}
