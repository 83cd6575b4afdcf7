"""The style sheet of the report page: light and dark, wide and on a phone."""

STYLE = """
:root { color-scheme: light dark; --ink: #1a1f27; --soft: #5f6a79; --line: #dce1e8; --paper: #f4f6f8; --card: #fff;
  --pass: #1c8a4e; --flag: #b26b00; --fail: #c62f3d; --pass-wash: #e4f4ea; --flag-wash: #fdf1dc; --fail-wash: #fde7e8;
  --a: #d98200; --b: #1585bd; --c: #cc3a7a; --d: #3f9a3a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9edf3; --soft: #9ba6b5; --line: #323a46; --paper: #12151a;
  --card: #1b2028; --pass: #4cc783; --flag: #f0b14a; --fail: #ff7a83; --pass-wash: #143022; --flag-wash: #33270f;
  --fail-wash: #381a1e; --a: #ffb020; --b: #40c4ff; --c: #ff60a0; --d: #80e678; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 72px; }
h1 { margin: 0; font-size: clamp(26px, 5vw, 38px); line-height: 1.2; } h2 { margin: 40px 0 12px; font-size: 21px; }
h3 { margin: 0 0 6px; font-size: 17px; } h3 small { font-weight: 400; margin-left: 6px; } p { margin: 4px 0; }
.soft { color: var(--soft); }
header { border-radius: 14px; padding: 22px 26px; border: 1px solid var(--line); border-left: 8px solid; }
header.pass { background: var(--pass-wash); border-left-color: var(--pass); } header.pass h1 { color: var(--pass); }
header.flag { background: var(--flag-wash); border-left-color: var(--flag); } header.flag h1 { color: var(--flag); }
header.fail { background: var(--fail-wash); border-left-color: var(--fail); } header.fail h1 { color: var(--fail); }
.chip { display: inline-block; border-radius: 99px; padding: 1px 12px; margin: 4px 6px 4px 0; font-size: 14px;
  background: var(--card); border: 1px solid currentColor; }
.chip.pass { color: var(--pass); } .chip.flag { color: var(--flag); } .chip.fail { color: var(--fail); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px;
  margin: 12px 0; }
.card.flag { border-left: 5px solid var(--flag); } .card.fail { border-left: 5px solid var(--fail); }
.notes ul { margin: 0; padding-left: 20px; } .notes li { margin: 4px 0; } a { color: inherit; }
.dot { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 8px; }
.dot.pass { background: var(--pass); } .dot.flag { background: var(--flag); } .dot.fail { background: var(--fail); }
.index { display: flex; gap: 2px; margin: 0 0 12px; overflow-x: auto; } .index a { flex: 1 0 26px; padding: 3px 0;
  text-align: center; font-size: 13px; text-decoration: none; color: var(--pass); background: var(--pass-wash);
  border-radius: 4px; font-variant-numeric: tabular-nums; } .index a.look { color: var(--flag);
  background: var(--flag-wash); font-weight: 600; }
.strip { display: flex; flex-wrap: wrap; gap: 16px; margin: 10px 0; }
figure { margin: 0; } figcaption { font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; }
.pair { display: flex; gap: 5px; align-items: flex-end; }
.pair img { display: block; border-radius: 4px; height: 136px; width: auto; }
svg.plot { width: 100%; height: auto; display: block; margin: 8px 0; }
.plot text { font: 12px system-ui, sans-serif; fill: var(--soft); } .plot .ground { fill: var(--paper); }
.plot .tick { stroke: var(--line); } .plot .band { opacity: .22; } .plot .path { fill: none; stroke-width: 2; }
.band.c0, .key.c0 { fill: var(--a); } .path.c0 { stroke: var(--a); } .band.c1, .key.c1 { fill: var(--b); }
.path.c1 { stroke: var(--b); } .band.c2, .key.c2 { fill: var(--c); } .path.c2 { stroke: var(--c); }
.band.c3, .key.c3 { fill: var(--d); } .path.c3 { stroke: var(--d); }
.plot .found { fill: var(--pass); } .plot .lost { fill: none; stroke: var(--fail); stroke-width: 2; }
.legend span { display: inline-block; margin-right: 18px; } .swatch { display: inline-block; width: 12px; height: 12px;
  margin-right: 6px; vertical-align: -1px; } .swatch.band { background: var(--a); opacity: .4; width: 22px; }
.swatch.key { background: var(--a); width: 8px; height: 8px; vertical-align: 1px; }
.swatch.found { background: var(--pass); border-radius: 50%; }
.swatch.lost { border: 2px solid var(--fail); border-radius: 50%; }
summary { cursor: pointer; color: var(--soft); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; } th { font-weight: 600; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: 7px 14px 7px 0; border-top: 1px solid var(--line); }
tr:first-child th { border-top: 0; } table.numbers { width: auto; margin-top: 6px; font-size: 14px; }
.numbers td, .numbers th { text-align: right; font-variant-numeric: tabular-nums; padding: 2px 16px 2px 0; }
.numbers .left { text-align: left; }
.findings td:first-child { white-space: nowrap; } .findings td:nth-child(3) { width: 36%; font-size: 14px; }
@media (max-width: 640px) { main { padding: 14px 12px 48px; } header { padding: 16px 18px; }
  .findings, .findings tbody, .findings tr, .findings td { display: block; width: auto !important; }
  .findings tr { padding: 8px 0; border-top: 1px solid var(--line); } .findings tr:first-child { display: none; }
  .findings td { border: 0; padding: 1px 0; } .findings td:first-child { font-weight: 600; }
  .pair img { height: auto; } .pair .made { width: 26%; } .pair .whole { width: 72%; } figure { width: 100%; }
  .pair { align-items: flex-start; justify-content: space-between; } .plot text { font-size: 18px; } }
@media print { .card { break-inside: avoid; } details > * { display: block; } }
"""
