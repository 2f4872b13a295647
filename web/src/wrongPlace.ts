/** The place of a query's error, marked in the editor until somebody edits. */

import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

/** An offset in the text, or null for none. */
export const setWrong = StateEffect.define<number | null>();

const mark = Decoration.mark({ class: 'wrong' });

export const wrongPlace = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { docChanged, effects, newDoc }) {
    const effect = effects.find((one) => one.is(setWrong));
    if (!effect) return docChanged ? Decoration.none : marks;
    if (effect.value === null || newDoc.length === 0) return Decoration.none;
    const { from, to } = wordAt(newDoc.toString(), effect.value);
    return Decoration.set(mark.range(from, to));
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The word at a place; where there is none, at the end of a line for instance, the character before. */
export function wordAt(text: string, offset: number): { from: number; to: number } {
  const from = Math.min(offset, text.length);
  const word = /^(\w+|"[^"\n]*"?|[^\s\w]+)/.exec(text.slice(from))?.[0] ?? '';
  if (word) return { from, to: from + word.length };
  return from > 0 ? { from: from - 1, to: from } : { from: 0, to: Math.min(1, text.length) };
}
