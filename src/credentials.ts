/** Credentials never leave: whatever text goes to a person or a file passes here when it may come from outside. */

/** Passwords of the environment, as written and as decoded. */
function secrets(): string[] {
  const found = [process.env.PGPASSWORD ?? ''];
  const written = /^[a-z]+:\/\/[^:/@]*:(.*)@/i.exec(process.env.SUPABASE_DB_URL ?? '')?.[1] ?? '';
  found.push(written);
  try {
    found.push(decodeURIComponent(written));
  } catch {}
  // Shorter ones would blank out ordinary words, and longest first leaves no tail of a longer one.
  return [...new Set(found)].filter((text) => text.length >= 4).sort((a, b) => b.length - a.length);
}

/** The text with every known password, and the password of any URL in it, replaced by `***`. */
export function hideCredentials(text: string): string {
  const blanked = secrets().reduce((current, secret) => current.replaceAll(secret, '***'), text);
  return blanked.replace(/(\b[a-z]+:\/\/[^:/@\s]*:)[^@\s]+@/gi, '$1***@');
}
