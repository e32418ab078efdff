// Stands in for the package react-style-singleton, through which the dialogs and menus of GraphiQL
// lock the page's scrolling. The package writes a <style> element, which `style-src 'self'` refuses; an adopted
// style sheet is built through the object model, which the policy allows. Same three exports.
import { useEffect } from "react";

type Sheet = { add: (css: string) => void; remove: () => void };

/** stylesheetSingleton counts its users: the first adds the style sheet to the document, the last takes it away. */
export function stylesheetSingleton(): Sheet {
  let users = 0;
  let sheet: CSSStyleSheet | undefined;
  return {
    add(css) {
      users++;
      if (sheet) return;
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    },
    remove() {
      users--;
      if (users > 0 || !sheet) return;
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
      sheet = undefined;
    },
  };
}

/** styleHookSingleton makes a hook that keeps one style sheet while any component uses it. */
export function styleHookSingleton() {
  const sheet = stylesheetSingleton();
  return (css: string, dynamic?: boolean): void => {
    useEffect(() => {
      sheet.add(css);
      return () => sheet.remove();
    }, [css && dynamic]);
  };
}

/** styleSingleton is the hook as a component. */
export function styleSingleton() {
  const useStyle = styleHookSingleton();
  return ({ styles, dynamic }: { styles: string; dynamic?: boolean }): null => {
    useStyle(styles, dynamic);
    return null;
  };
}
