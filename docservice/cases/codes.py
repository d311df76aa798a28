"""Code lists of the case record: legal statuses (BVFG, HumHAG, AufenthG) and the languages a person may read."""

from __future__ import annotations

LEGAL_STATUS: frozenset[str] = frozenset(
    {
        "BVFG_4",  # Spätaussiedler in own right
        "BVFG_7_2",  # spouse or descendant included in the admission notice
        "BVFG_8_2",  # other relatives
        "HUMHAG_1",  # jüdische Emigranten, until 2004
        "AUFENTHG_23_2",  # jüdische Zuwanderung, since 2005
        "AUFENTHG_24",  # temporary protection
        "AUFENTHG_25",
        "EU_FREIZUEG",
        "DEUTSCH",
        "SONSTIGE",
    }
)

_LANGUAGES = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka
    kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng
    nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su
    sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    ckb kmr prs rom zza
"""

LANGUAGE_CODES: frozenset[str] = frozenset(_LANGUAGES.split())
"""ISO 639-1, and the codes of ISO 639-3 for Sorani, Kurmanji, Dari, Romani and Zaza."""
