/** The look of a dashboard, in a notebook's output and in a file. It stands on white, as figures do. */
export const STYLE = `
.sparselab-dashboard { background: #fff; color: #24292f; color-scheme: light; padding: 8px 12px; line-height: 1.4;
  font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
.sparselab-dashboard .h1 { font-size: 24px; font-weight: 600; margin: 8px 0; }
.sparselab-dashboard .h2 { font-size: 19px; font-weight: 600; margin: 16px 0 4px; }
.sparselab-dashboard .h3 { font-size: 14px; font-weight: 600; margin: 14px 0 4px; }
.sparselab-dashboard p { margin: 4px 0; max-width: 80ch; }
.sparselab-dashboard a { color: #0550ae; }
.sparselab-dashboard .row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.sparselab-dashboard figure { margin: 8px 0; max-width: 100%; }
.sparselab-dashboard figcaption, .sparselab-dashboard small, .sparselab-dashboard .examples span { color: #57606a; font-size: 12px; }
.sparselab-dashboard svg { width: 360px; max-width: 100%; display: block; }
.sparselab-dashboard .picture { width: 44px; max-width: 100%; image-rendering: pixelated; border: 1px solid #d0d7de;
  display: inline-block; margin: 0; vertical-align: middle; }
.sparselab-dashboard figure .picture { width: 84px; display: block; }
.sparselab-dashboard .picture.large { width: 132px; }
.sparselab-dashboard .examples { display: flex; flex-wrap: wrap; gap: 4px 8px; list-style: none; margin: 0; padding: 0; }
.sparselab-dashboard ol.examples { gap: 8px 12px; }
.sparselab-dashboard li { text-align: center; margin: 0; }
.sparselab-dashboard li .picture { width: 52px; display: block; }
.sparselab-dashboard table { border-collapse: collapse; margin: 4px 0; font-size: 13px; border: 0; table-layout: auto; }
.sparselab-dashboard th, .sparselab-dashboard td { text-align: left; padding: 3px 12px 3px 0; border: 0;
  border-bottom: 1px solid #e4e7eb; vertical-align: middle; font-weight: 400; background: #fff; white-space: normal; max-width: none; }
.sparselab-dashboard td.number { white-space: nowrap; }
.sparselab-dashboard .sum .picture { width: 60px; }
.sparselab-dashboard thead th { color: #57606a; font-size: 12px; }
.sparselab-dashboard .share { display: inline-block; width: 72px; height: 10px; background: #f0f2f4; vertical-align: middle; }
.sparselab-dashboard .share span { display: block; height: 10px; background: #0072b2; }
.sparselab-dashboard .share.negative span { background: repeating-linear-gradient(45deg, #d55e00 0 2px, #fff 2px 4px); }
.sparselab-dashboard nav a { display: inline-block; padding: 3px 6px; }
@media (max-width: 600px) {
  .sparselab-dashboard { padding: 8px; }
  .sparselab-dashboard .picture { width: 34px; }
  .sparselab-dashboard .sum .picture { width: 52px; }
  .sparselab-dashboard th, .sparselab-dashboard td { padding-right: 6px; }
  .sparselab-dashboard .share { display: none; }
}
`;
