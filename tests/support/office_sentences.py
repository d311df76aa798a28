"""Everyday sentences of an office in Arabic, as nobody wrote them: drawn from a small grammar, the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_NAMES = (
    "عبد الله", "عليّ", "محمّد-عليّ", "آل لُبنان", "نور الهدى", "أبو بكر", "إسلام", "لؤلؤة", "عائشة", "ضُحى", "مُنى بن علي",
    "Anna Müller-Lüdenscheidt", "Łukasz Żółć", "Dr. Ольга Щербакова", "יוסף לוי", "دانيا‌زاد", "لاله می‌خواهد",
)  # fmt: skip
_WHO = ("السيد", "السيدة", "الطفلة", "والد", "«المترجم»", "مسـؤول")
_ACTS = (
    "يحضر {name} إلى المكتب {when}", "سيتصل {name} على الرقم {phone} {when}", "أرسل إلى {mail} قبل {date}",
    "إن شاء الله يبدأ {name} الدورة (المستوى {level}) {when}", "بناءً على طلب {who} {name} تُدفع {sum} إلى {iban}",
    "انظر {url}، ثم راسل {who} {name}", "الموعد: {date}، {when}؛ الغرفة {room}", "قال {name}: \"شكرًا جزيلاً\" [{date}]",
    "من {date} – {date} يُقيم {name} في {street}", "هل لدى {who} {name} هاتف؟ {phone}!", "ملف رقم {file} لـ{name}",
    "حضّرَ {name} المُستنَداتِ، ولم يُوقِّعْها ({date})", "{name}، {name} و{name}: {sum}", "لا شيءَ مُؤجَّل؛ الأُمّ {name}",
)  # fmt: skip
_WHEN = ("مساءً", "صباحًا", "عند الساعة ١٠:٣٠", "الساعة 14:15", "غدًا", "يوم الثلاثاء", "بين 9:00 و12:30", "لاحقًا")
_STREETS = ("Südwall 2–4", "Große Straße 7a", "شارع الحرّيّة ١٢", "Königswall 21, 44137 Dortmund")


def sentences(seed: int, count: int) -> Iterator[str]:
    """So many sentences: names, times, addresses, numbers and brackets between Arabic words."""
    random = Random(seed)
    for _ in range(count):
        sentence = random.choice(_ACTS)
        while "{" in sentence:
            at = sentence.index("{")
            end = sentence.index("}", at)
            sentence = sentence[:at] + _value(sentence[at + 1 : end], random) + sentence[end + 1 :]
        yield sentence + random.choice((".", ".", "", "!", " …"))


def _value(kind: str, random: Random) -> str:
    number = random.randint
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩") if random.random() < 0.3 else {}
    date = random.choice(("{}.{}.2026", "{}/{}/2026", "2026-{:02}-{:02}")).format(number(1, 12), number(1, 12))
    host = random.choice(("example.org", "stadt-beispiel.de"))
    mail = f"{random.choice(('amina.khalil', 'ali_2', 'm-ali+amt', 'info'))}@{host}"
    values = {
        "name": random.choice(_NAMES),
        "who": random.choice(_WHO),
        "when": random.choice(_WHEN),
        "phone": random.choice(("(0231) 50-12345", "+49 231 5012345", "0231/50-" + str(number(100, 999)))),
        "mail": mail,
        "url": random.choice(
            ("https://www.example.org/termin?nr=12&s=ar", "www.example.org/a-b/c_d", f"mailto:{mail}")
        ),
        "iban": f"DE{number(10, 99)} 3701 0050 0000 {number(1000, 9999)} {number(10, 99)}",
        "date": date.translate(digits),
        "sum": f"{number(1, 9)}.{number(100, 999)},{number(10, 99)} €".translate(digits),
        "level": random.choice(("B1", "A2+", "C1")),
        "room": str(number(1, 400)).translate(digits),
        "file": f"IV-2026-{number(1000, 9999)}",
        "street": random.choice(_STREETS),
    }
    return values[kind]
