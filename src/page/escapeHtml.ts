/** A text such that HTML shows it as it is, also as the value of an attribute in double quotes. */
export function escapeHtml(text: string): string {
  const marked = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return marked.replaceAll('"', '&quot;');
}
