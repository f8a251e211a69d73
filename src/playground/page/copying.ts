/**
 * Makes the buttons work that copy the code and the page's address.
 *
 * @param told where a sentence says what has become of it
 */
export function offerCopies(
  code: HTMLTextAreaElement,
  codeButton: HTMLElement,
  linkButton: HTMLElement,
  told: HTMLElement,
): void {
  codeButton.addEventListener('click', async () => {
    let isCopied = await copy(code.value);
    if (!isCopied) {
      // A page that is not encrypted has no clipboard; what is selected can still be copied.
      code.select();
      isCopied = document.execCommand('copy');
    }
    told.textContent = isCopied ? 'The code is copied.' : 'The code is selected, to be copied.';
  });
  linkButton.addEventListener('click', async () => {
    told.textContent = (await copy(location.href)) ? 'The link is copied.' : `The link: ${location.href}`;
  });
}

/** @returns whether the browser allows it */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
