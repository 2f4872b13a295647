/** Which elements are of the namespace of their part's root: only those count, whichever it is. */

import { eachAttribute } from './xmlTree.ts';

const MOST_PREFIXES = 256;

/** Prefixes are not scoped: one that is bound to the namespace stays so, and binding it to another as well is a fault. */
export class Namespaces {
  /** Why the part cannot be read; null while it can. */
  fault: string | null = null;
  private namespace = '';
  private readonly prefixes = new Set<string>();

  /** The root and its attributes. */
  root(prefix: string, attributes: string): void {
    this.namespace = declarations(attributes).get(prefix) ?? '';
    this.prefixes.add(prefix);
    this.declare(prefix, attributes);
  }

  /** Another element that declares namespaces; false when it puts itself into a foreign one. */
  declare(prefix: string, attributes: string): boolean {
    for (const [name, uri] of declarations(attributes)) {
      if (uri === this.namespace) this.prefixes.add(name);
      else if (name === prefix) return false;
      else if (this.prefixes.has(name)) this.fault = `binds the prefix "${name}" to two namespaces`;
    }
    if (this.prefixes.size > MOST_PREFIXES) this.fault = 'binds too many prefixes';
    return true;
  }

  isOwn(prefix: string): boolean {
    return this.prefixes.has(prefix);
  }
}

/** Namespaces by the prefixes that a tag's attributes bind; '' is the default. */
function declarations(attributes: string): Map<string, string> {
  const found = new Map<string, string>();
  eachAttribute(attributes, (name, value) => {
    if (name === 'xmlns') found.set('', value);
    else if (name.startsWith('xmlns:')) found.set(name.slice(6), value);
  });
  return found;
}
