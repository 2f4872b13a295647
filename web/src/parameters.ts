/** The `$name` parameters of a query, with what its `-- param:` lines say of them. */

export interface Parameter {
  name: string;
  value: string;
  meaning: string;
}

export function parametersOf(query: string): Parameter[] {
  const said = new Map(
    [...query.matchAll(/^-- param: (\w+) = (.*?) -- (.*)$/gm)].map(([, name, value, meaning]) => [
      name!,
      { value: value!, meaning: meaning! },
    ]),
  );
  const code = query.replaceAll(/--[^\n]*|'(?:[^']|'')*'/g, '');
  const names = new Set([...code.matchAll(/\$([a-z_]\w*)/gi)].map(([, name]) => name!));
  return [...names].map((name) => ({ name, ...(said.get(name) ?? { value: '', meaning: '' }) }));
}
