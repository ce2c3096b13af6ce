"""The one style of status pages, light and dark; its hash stands in their policy."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--mute:#57606a;--line:#d8dee4;--back:#fff;--card:#f6f8fa;--go:#1a7f37;
--warn:#9a6700;--bad:#cf222e;--plan:#0969da;--none:#6e7781}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--mute:#9198a1;--line:#3d444d;--back:#0d1117;--card:#151b23;
--go:#3fb950;--warn:#d29922;--bad:#f85149;--plan:#4493f8;--none:#9198a1}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:760px;margin:0 auto;padding:24px 16px 48px}
header{display:flex;justify-content:space-between;gap:16px;color:var(--mute)}
header p,h1,h3,ul,ol{margin:0;padding:0}h1{font-size:24px}h2{font-size:18px;margin:32px 0 8px}h3{font-size:16px}
a{color:var(--plan)}.now{font-size:18px;font-weight:600;border:1px solid;border-radius:8px;padding:12px 16px}
.operational{color:var(--go)}.degraded>.meta,.degraded:not(article){color:var(--warn)}
.outage>.meta,.outage:not(article){color:var(--bad)}.maintenance>.meta,.maintenance:not(article){color:var(--plan)}
.unknown{color:var(--none)}.calm,.meta,time,.axis,footer,form p{color:var(--mute)}
article{border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:8px 0}
article.degraded{border-left:4px solid var(--warn)}article.outage{border-left:4px solid var(--bad)}
article.maintenance{border-left:4px solid var(--plan)}
article p,li p{margin:4px 0;white-space:pre-line}.due{font-weight:600}
ol,ul{list-style:none}ol li{border-top:1px solid var(--line);padding:8px 0}
section>ul>li{border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:8px 0}
.line,.axis{display:flex;justify-content:space-between;gap:16px}.axis,time,.meta,footer,form p,details{font-size:14px}
.axis{font-variant-numeric:tabular-nums;overflow-wrap:normal}svg{width:100%;height:24px;display:block}
path{stroke-width:3;fill:none}path.o{stroke:var(--go)}path.d{stroke:var(--warn)}path.x{stroke:var(--bad)}
path.u{stroke:var(--none);stroke-dasharray:2 2}
form{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:end}form p{flex-basis:100%;margin:0}
label{display:flex;flex-direction:column;gap:4px;flex:0 1 auto}label+label{flex:1 1 200px}
input,select,button{font:inherit;padding:8px 12px;min-height:44px;border:1px solid var(--line);border-radius:6px;
background:var(--back);color:var(--ink);width:100%}
button{width:auto;background:var(--plan);border-color:var(--plan);color:var(--back);font-weight:600}
footer{margin-top:32px;border-top:1px solid var(--line)}summary{cursor:pointer;color:var(--mute)}
"""
