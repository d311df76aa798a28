"""The questions of the review queue in words, and the answers each of them takes."""

from __future__ import annotations

from collections.abc import Iterable

from docservice.domain.returned.scans import ReviewKind

CHOICES = {
    ReviewKind.CONFIRM_SIGNATURES: ("accept", "reject"),
    ReviewKind.ZONE: ("signed", "unsigned", "not_applicable"),
    ReviewKind.PAGE: ("confirm_proposal", "assign", "dismiss", "rescan"),
    ReviewKind.OUTDATED: ("accept", "dismiss"),
    ReviewKind.HAND_AMENDED: ("accept", "reissue"),
    ReviewKind.FILE: ("retry", "dismiss"),
}

_SENTENCES: dict[tuple[ReviewKind, str], tuple[str, str]] = {
    (ReviewKind.CONFIRM_SIGNATURES, "all_signed"): (
        "All pages are there and every required line bears a signature. Please look and confirm.",
        "Alle Seiten sind da, und jede nötige Zeile trägt eine Unterschrift. Bitte ansehen und bestätigen.",
    ),
    (ReviewKind.OUTDATED, "superseded"): (
        "These pages belong to a revision that a later one has replaced. Please decide whether it still counts.",
        "Diese Seiten gehören zu einer Fassung, die durch eine spätere ersetzt ist. Bitte entscheiden, ob sie noch "
        "gilt.",
    ),
    (ReviewKind.HAND_AMENDED, "ink_outside_zones"): (
        "There is handwriting outside the signature lines. Please decide whether it counts or the document is issued "
        "again.",
        "Außerhalb der Unterschriftszeilen steht Handschrift. Bitte entscheiden, ob sie gilt oder das Dokument neu "
        "ausgestellt wird.",
    ),
    (ReviewKind.ZONE, "no_ink"): (
        "The line bears no ink. Please look whether the signature is missing.",
        "Auf der Zeile ist keine Tinte. Bitte ansehen, ob die Unterschrift fehlt.",
    ),
    (ReviewKind.ZONE, "little_ink"): (
        "There is very little ink on the line. Please look whether it is a signature.",
        "Auf der Zeile ist sehr wenig Tinte. Bitte ansehen, ob es eine Unterschrift ist.",
    ),
    (ReviewKind.ZONE, "faint_ink"): (
        "The ink on the line is very faint. Please look whether it is a signature.",
        "Die Tinte auf der Zeile ist sehr blass. Bitte ansehen, ob es eine Unterschrift ist.",
    ),
    (ReviewKind.ZONE, "bilevel_without_ink"): (
        "A black-and-white scan shows no ink here, but it may have lost faint ink. Please look at the paper.",
        "Ein Schwarz-Weiß-Scan zeigt hier keine Tinte, kann aber blasse Tinte verloren haben. Bitte aufs Papier sehen.",
    ),
    (ReviewKind.ZONE, "straight_lines"): (
        "There are only straight lines in this place, perhaps a fold. Please look whether it is a signature.",
        "An dieser Stelle sind nur gerade Striche, vielleicht ein Falz. Bitte ansehen, ob es eine Unterschrift ist.",
    ),
    (ReviewKind.ZONE, "solid_shape"): (
        "There is a stamp or a stain in this place. Please look whether there is a signature, too.",
        "An dieser Stelle ist ein Stempel oder Fleck. Bitte ansehen, ob auch eine Unterschrift da ist.",
    ),
    (ReviewKind.ZONE, "cross"): (
        "There is a cross in this place. Please decide whether it counts as a signature.",
        "An dieser Stelle ist ein Kreuz. Bitte entscheiden, ob es als Unterschrift gilt.",
    ),
    (ReviewKind.ZONE, "mirrored_ink"): (
        "The ink may shine through from the other side. Please look whether it is a signature.",
        "Die Tinte scheint vielleicht von der Rückseite durch. Bitte ansehen, ob es eine Unterschrift ist.",
    ),
    (ReviewKind.ZONE, "outside_scan"): (
        "The line is not on the scan. Please look at the paper, or scan the page again.",
        "Die Zeile ist nicht auf dem Scan. Bitte aufs Papier sehen oder die Seite neu scannen.",
    ),
    (ReviewKind.ZONE, "on_another_copy"): (
        "Another copy of this page is signed here, this one is not. Please decide which signatures belong together.",
        "Ein anderes Exemplar dieser Seite ist hier unterschrieben, dieses nicht. Bitte entscheiden, welche "
        "Unterschriften zusammengehören.",
    ),
    (ReviewKind.PAGE, "no_code"): (
        "The code of this page cannot be read, but it looks like one of ours. Please confirm where it belongs.",
        "Der Code dieser Seite ist nicht lesbar, sie sieht aber aus wie eine unserer Seiten. Bitte bestätigen, wohin "
        "sie gehört.",
    ),
    (ReviewKind.PAGE, "poor_quality"): (
        "This picture is too poor to read. Please scan the page again.",
        "Dieses Bild ist zu schlecht zum Lesen. Bitte die Seite neu scannen.",
    ),
    (ReviewKind.PAGE, "conflicting_codes"): (
        "The codes in this picture name different pages. If several pages lie on it, please scan each by itself; "
        "otherwise please say which page it is.",
        "Die Codes auf diesem Bild nennen verschiedene Seiten. Liegen mehrere Seiten darauf, bitte jede für sich "
        "scannen; sonst bitte angeben, welche Seite es ist.",
    ),
    (ReviewKind.PAGE, "not_whole"): (
        "Several pages lie on this picture. What can be seen whole was taken from it; this cannot: it is cut off, "
        "covered or not known here. Please scan it by itself, or say which page it is.",
        "Auf diesem Bild liegen mehrere Seiten. Was ganz zu sehen ist, wurde übernommen; dies nicht: Es ist "
        "abgeschnitten, verdeckt oder hier unbekannt. Bitte einzeln scannen oder angeben, welche Seite es ist.",
    ),
    (ReviewKind.PAGE, "second_sheet"): (
        "Beside a page that was read, another printed sheet seems to lie on this picture, without a code that can be "
        "read. Please scan it by itself, say which page it is, or set it aside if it is nothing of ours.",
        "Neben einer gelesenen Seite liegt auf diesem Bild anscheinend noch ein bedrucktes Blatt ohne lesbaren Code. "
        "Bitte einzeln scannen, angeben, welche Seite es ist, oder verwerfen, wenn es nicht von uns ist.",
    ),
    (ReviewKind.PAGE, "mirrored"): (
        "This picture is mirrored: the page is seen from behind, or an app has flipped it. Please scan the front, or "
        "switch mirroring off and take it again; signatures are not read from it.",
        "Dieses Bild ist spiegelverkehrt: Die Seite ist von hinten zu sehen, oder eine App hat sie gespiegelt. Bitte "
        "die Vorderseite scannen oder das Spiegeln ausschalten und neu aufnehmen; Unterschriften werden daraus nicht "
        "gelesen.",
    ),
    (ReviewKind.PAGE, "no_likeness"): (
        "This page is not one of ours as far as can be seen. Please look, and put it where it belongs.",
        "Diese Seite ist, soweit erkennbar, keine von unseren. Bitte ansehen und zuordnen.",
    ),
    (ReviewKind.PAGE, "preview"): (
        "This page is from a preview, which belongs to no case. Please look.",
        "Diese Seite stammt aus einer Vorschau, die zu keinem Fall gehört. Bitte ansehen.",
    ),
    (ReviewKind.PAGE, "unknown_document"): (
        "The code of this page names a document that is not known here. Please look where it comes from.",
        "Der Code dieser Seite nennt ein Dokument, das es hier nicht gibt. Bitte ansehen, woher sie kommt.",
    ),
    (ReviewKind.PAGE, "page_unknown"): (
        "This page was printed from the Word file, so its number is not known. Please say which page it is.",
        "Diese Seite wurde aus der Word-Datei gedruckt, daher ist ihre Nummer nicht bekannt. Bitte angeben, welche "
        "Seite es ist.",
    ),
    (ReviewKind.PAGE, "no_such_page"): (
        "The code of this page names a page that its document does not have. Please look what it is.",
        "Der Code nennt eine Seite, die das Dokument nicht hat. Bitte ansehen, was sie ist.",
    ),
    (ReviewKind.FILE, "rejected"): (
        "A file of the upload could not be read. Please scan it again, or set it aside.",
        "Eine Datei der Sendung ließ sich nicht lesen. Bitte neu scannen oder zur Seite legen.",
    ),
    (ReviewKind.FILE, "part_failed"): (
        "Some pages of a file could not be read in several attempts. Please try again, or scan them again.",
        "Einige Seiten einer Datei ließen sich in mehreren Versuchen nicht lesen. Bitte wiederholen oder neu scannen.",
    ),
    (ReviewKind.FILE, "upload_failed"): (
        "The upload could not be finished in several attempts. Please try again, or tell operations.",
        "Die Sendung ließ sich in mehreren Versuchen nicht abschließen. Bitte wiederholen oder den Betrieb "
        "verständigen.",
    ),
}

_OTHERWISE: dict[ReviewKind, tuple[str, str]] = {
    ReviewKind.ZONE: (
        "It could not be told whether this line is signed. Please look.",
        "Es ließ sich nicht feststellen, ob diese Zeile unterschrieben ist. Bitte ansehen.",
    ),
    ReviewKind.PAGE: (
        "This page could not be read. Please look at it, or scan it again.",
        "Diese Seite ließ sich nicht lesen. Bitte ansehen oder neu scannen.",
    ),
}

_SETTLED = {
    "dismissed": (
        "A person said that this page is not one of ours.",
        "Eine Person hat entschieden, dass diese Seite keine von unseren ist.",
    ),
    "rescan": ("Please scan this page again.", "Bitte diese Seite neu scannen."),
    "same_bytes": ("The very same picture came before.", "Genau dieses Bild ist schon da."),
    "same_page_again": ("This page is there already.", "Diese Seite ist schon da."),
    "refused": (
        "A person has not accepted the signatures on this scan; another one stands for this page.",
        "Eine Person hat die Unterschriften auf diesem Scan nicht angenommen; ein anderer steht für diese Seite.",
    ),
    "better_scan": ("A better scan stands for this page.", "Ein besserer Scan steht für diese Seite."),
}


def question(kind: ReviewKind, reason: str) -> tuple[str, str]:
    """The question of a review in English and in German."""
    return _SENTENCES.get((kind, reason)) or _OTHERWISE[kind]


def other_revisions(own: int, accepted: Iterable[int]) -> tuple[str, str]:
    """What whoever accepts a revision has to know of the others that are accepted, in English and in German."""
    others = sorted(accepted)
    if not others:
        return "", ""
    latest = others[-1]
    if latest > own:
        return (
            f" Revision {latest}, a later one than this revision {own}, has been accepted already: this one would be "
            "kept as superseded.",
            f" Die spätere Fassung {latest} ist schon angenommen: diese Fassung {own} würde als abgelöst abgelegt.",
        )
    return (
        f" Revision {latest} has been accepted already: it is superseded once this revision {own} is accepted.",
        f" Fassung {latest} ist schon angenommen: sie gilt als abgelöst, sobald diese Fassung {own} angenommen ist.",
    )


def explanation(reason: str | None) -> tuple[str, str] | tuple[None, None]:
    """Why a page has its verdict, in English and in German, where that needs a word."""
    if reason is None or reason == "blank":
        return None, None
    return _SETTLED.get(reason) or question(ReviewKind.PAGE, reason)


def choices(kind: ReviewKind, *, proposal: bool, picture: bool) -> tuple[str, ...]:
    """What may be decided. A page is only confirmed where one is proposed, and only assigned where it can be seen."""
    if kind is not ReviewKind.PAGE:
        return CHOICES[kind]
    left_out = {name for name, there in (("confirm_proposal", proposal), ("assign", picture)) if not there}
    return tuple(choice for choice in CHOICES[kind] if choice not in left_out)
