/** The grid puts some ARIA attributes on elements whose role does not know them; screen readers then say what is not so. */

/** Attributes and where they do not belong. */
const ASTRAY = {
  'aria-checked': 'td:not([role]), td[role="cell"], th[role="rowheader"]',
  'aria-orientation': '[role="spinbutton"]',
};

/** Takes them away, now and whenever they come again. Returns how to stop. */
export function fixAria(host: HTMLElement): () => void {
  const fix = () => {
    for (const [attribute, where] of Object.entries(ASTRAY))
      for (const element of host.querySelectorAll(`[${attribute}]:is(${where})`))
        element.removeAttribute(attribute);
  };
  fix();
  const observer = new MutationObserver(fix);
  observer.observe(host, { childList: true, subtree: true, attributeFilter: Object.keys(ASTRAY) });
  return () => observer.disconnect();
}
