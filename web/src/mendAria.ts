/** The grid puts some ARIA attributes on elements whose role does not know them; screen readers then say what is not so. */

/** Attributes and where they do not belong. */
const ASTRAY = {
  'aria-checked': 'td:not([role]), td[role="cell"], th[role="rowheader"]',
  'aria-orientation': '[role="spinbutton"]',
};

/** Takes them away, now and whenever they come again. Returns how to stop. */
export function mendAria(host: HTMLElement): () => void {
  const mend = () => {
    for (const [attribute, where] of Object.entries(ASTRAY))
      for (const element of host.querySelectorAll(`[${attribute}]:is(${where})`))
        element.removeAttribute(attribute);
  };
  mend();
  const observer = new MutationObserver(mend);
  observer.observe(host, { childList: true, subtree: true, attributeFilter: Object.keys(ASTRAY) });
  return () => observer.disconnect();
}
