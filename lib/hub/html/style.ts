/** The pages' style sheet. It is part of the page, and its digest of the Content-Security-Policy. Colours keep a contrast of 4.5 to 1 or more. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d5d9df;--field:#8a929c;--focus:#1f5fd0;--yes:#1a7442;--yes-over:#145c34;--no:#b3261e;--no-over:#fbe9e7;--good:#e6f4ec;--bad:#fbe9e7;--calm:#eef1f5}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1d2126;--ink:#e9ecef;--soft:#a7b0ba;--line:#343a42;--field:#77818d;--focus:#7fb0ff;--yes:#1b7d47;--yes-over:#166539;--no:#ff9a90;--no-over:#3a2322;--good:#173325;--bad:#3a2322;--calm:#272c33}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;padding:6vh 16px 32px;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:600px;margin:0 auto;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px rgba(0,0,0,.05),0 8px 24px rgba(0,0,0,.05);overflow-wrap:anywhere}
h1{margin:0 0 8px;font-size:1.5rem;line-height:1.25}
p{margin:0 0 16px}
.lead,.note,dt{color:var(--soft)}
.lead{margin-bottom:6px;font-size:.95rem}
.note{font-size:.9rem}
main>:last-child{margin-bottom:0}
dl{margin:20px 0;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:minmax(7rem,1fr) 3fr;gap:4px 16px;padding:10px 0;border-bottom:1px solid var(--line)}
dt{font-size:.95rem}
dd{margin:0;white-space:pre-wrap}
blockquote{margin:4px 0 0;padding:0 0 0 12px;border-left:3px solid var(--line);white-space:pre-wrap}
.badge{display:inline-block;margin:0 0 14px;padding:3px 12px;border-radius:99px;background:var(--calm);font-size:.88rem;font-weight:600}
.badge.good{background:var(--good)}
.badge.bad{background:var(--bad)}
ol{margin:0 0 16px;padding:0;list-style:none;border-top:1px solid var(--line)}
li{padding:10px 0;border-bottom:1px solid var(--line)}
label{display:block;margin:24px 0 6px;font-weight:600}
label span{color:var(--soft);font-weight:400}
textarea{width:100%;min-height:6.5rem;padding:10px 12px;border:1px solid var(--field);border-radius:8px;background:var(--card);color:inherit;font:inherit;resize:vertical}
.actions{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0 24px}
button{flex:1 1 12rem;min-height:48px;padding:10px 20px;border:2px solid transparent;border-radius:9px;font:inherit;font-weight:600;cursor:pointer}
.approve{background:var(--yes);color:#fff}
.approve:hover{background:var(--yes-over)}
.reject{border-color:var(--no);background:transparent;color:var(--no)}
.reject:hover{background:var(--no-over)}
a{color:var(--focus)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (max-width:480px){body{padding:0}main{min-height:100vh;padding:24px 20px;border:0;border-radius:0;box-shadow:none}dl div{grid-template-columns:1fr}}
`;
