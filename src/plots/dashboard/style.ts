const RULES = `
@ { background: #fff; color: #24292f; color-scheme: light; padding: 8px 12px; line-height: 1.4;
  font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
@ .h1 { font-size: 24px; font-weight: 600; margin: 8px 0; }
@ .h2 { font-size: 19px; font-weight: 600; margin: 16px 0 4px; }
@ .h3 { font-size: 14px; font-weight: 600; margin: 14px 0 4px; }
@ p { margin: 4px 0; max-width: 80ch; }
@ a { color: #0550ae; }
@ .row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
@ figure { margin: 8px 0; max-width: 100%; }
@ figcaption, @ small, @ .examples span { color: #57606a; font-size: 12px; }
@ svg { width: 360px; max-width: 100%; display: block; }
@ .picture { width: 44px; max-width: 100%; image-rendering: pixelated; border: 1px solid #d0d7de;
  display: inline-block; margin: 0; vertical-align: middle; }
@ figure .picture { width: 84px; display: block; }
@ .picture.large { width: 132px; }
@ .examples { display: flex; flex-wrap: wrap; gap: 4px 8px; list-style: none; margin: 0; padding: 0; }
@ ol.examples { gap: 8px; }
@ td .examples { gap: 4px; }
@ li { text-align: center; margin: 0; }
@ li .picture { width: 48px; display: block; }
@ table { border-collapse: collapse; margin: 4px 0; font-size: 13px; border: 0; table-layout: auto; }
@ th, @ td { text-align: left; padding: 3px 12px 3px 0; border: 0;
  border-bottom: 1px solid #e4e7eb; vertical-align: middle; font-weight: 400; background: #fff; white-space: normal; max-width: none; }
@ td.number { white-space: nowrap; }
@ .sum .picture { width: 60px; }
@ thead th { color: #57606a; font-size: 12px; }
@ .share { display: inline-block; width: 72px; height: 10px; background: #f0f2f4; vertical-align: middle; }
@ .share span { display: block; height: 10px; background: #0072b2; }
@ .share.negative span { background: repeating-linear-gradient(45deg, #d55e00 0 2px, #fff 2px 4px); }
@ nav a { display: inline-block; padding: 3px 6px; }
@.card { padding: 0; }
§media (max-width: 600px) {
  @ { padding: 8px; }
  @ .picture { width: 34px; }
  @ td .examples .picture { width: 30px; }
  @ .sum .picture { width: 52px; }
  @ th, @ td { padding-right: 6px; }
  @ .share { display: none; }
}
`;

/**
 * The look of a dashboard, in a notebook's output and in a file. Its background is white, like that of figures. The class twice outweighs
 * what a notebook's page says of tables and lists.
 */
export const STYLE = RULES.replaceAll('@', '.sparselab-dashboard.sparselab-dashboard').replaceAll('§', '@');
