/**
 * Says that the server's Content-Security-Policy forbids what the page needs; otherwise the page would wait without end. It is a
 * script of its own, because such a policy mostly forbids scripts within a page, and it is loaded before all others.
 */
document.addEventListener('securitypolicyviolation', ({ disposition, effectiveDirective, blockedURI }) => {
  const id = 'sparselab-policy';
  // A rule that only reports does no harm, and neither does one of the page's looks.
  const isHarmful = disposition === 'enforce' && /^(script|worker|connect)/.test(effectiveDirective);
  if (!isHarmful || document.getElementById(id)) return;
  const line = document.createElement('p');
  line.id = id;
  line.setAttribute('role', 'alert');
  line.textContent =
    `This server's Content-Security-Policy forbids what the course needs: ${effectiveDirective} does not allow ` +
    `'${blockedURI}'. docs/browser.md has a policy that works.`;
  Object.assign(line.style, {
    position: 'fixed',
    inset: '0 0 auto',
    zIndex: '2000',
    margin: '0',
    padding: '12px 16px',
    font: '16px/1.4 system-ui, sans-serif',
    background: '#fff3cd',
    color: '#4d3800',
  });
  (document.body ?? document.documentElement).append(line);
});
